"use client";

import type { ReactNode } from "react";
import { useForm } from "./form-context";

/** Sends the form around it, looking like the links beside it. */
export function TextSubmit({ children, ...rest }: { children: ReactNode; "aria-label"?: string }) {
  const { isPending } = useForm();
  return (
    <button
      type="submit"
      {...rest}
      disabled={isPending}
      className="link link-alone font-medium disabled:opacity-70"
    >
      {children}
    </button>
  );
}
