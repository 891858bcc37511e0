"use client";

import type { ReactNode } from "react";
import { type ButtonTone, buttonLook } from "./button-look";
import { useForm } from "./form-context";

type Props = { children: ReactNode; tone?: ButtonTone; isWide?: boolean; "aria-label"?: string };

/** Sends the form around it. While an answer is awaited it keeps its words and its width. */
export function SubmitButton({ children, tone = "main", isWide, ...rest }: Props) {
  const { isPending, waitSeconds } = useForm();
  return (
    <button
      type="submit"
      {...rest}
      disabled={isPending || waitSeconds > 0}
      className={`${buttonLook(tone, isWide)} relative`}
    >
      <span className={isPending ? "opacity-0" : ""}>{children}</span>
      {isPending && <Waiting />}
    </button>
  );
}

/** Three teeth of the cut; they do not move for whom movement is too much. */
function Waiting() {
  return (
    <svg viewBox="0 0 36 8" aria-hidden="true" className="absolute h-2 w-9 motion-safe:animate-pulse">
      <path d="M1 7L7 1L13 7L19 1L25 7L31 1L35 5" fill="none" stroke="currentColor" strokeWidth="2" />
    </svg>
  );
}
