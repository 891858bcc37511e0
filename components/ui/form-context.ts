"use client";

import { createContext, useContext } from "react";
import { EMPTY_FORM, type FormState } from "@/lib/web/form-state";

/** What the parts of a form know of it. */
export type FormAnswer = {
  state: FormState;
  /** Sent, and no answer yet; or answered, and the page is being left. */
  isPending: boolean;
  /** Seconds until it may be sent again; 0: now. */
  waitSeconds: number;
  /** The refusal in words, until somebody types again; null: none. */
  sentence: string | null;
  /** The same as it was when it came: what is read out, where the sentence counts down. */
  spoken: string | null;
};

export const FormContext = createContext<FormAnswer>({
  state: EMPTY_FORM,
  isPending: false,
  waitSeconds: 0,
  sentence: null,
  spoken: null,
});

/** The form around a component. */
export function useForm(): FormAnswer {
  return useContext(FormContext);
}
