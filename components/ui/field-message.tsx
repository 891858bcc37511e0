"use client";

import { useId } from "react";
import { useForm } from "./form-context";

type Tone = "danger" | "quiet";
type Props = { id: string; sentence: string | null; place?: "mt-2" | "mb-3"; tone?: Tone };

const LOOKS: Record<Tone, string> = { danger: "font-medium text-danger", quiet: "text-sm text-quiet" };

/** What was refused, in words, announced once. A wait is read out once too, and counts down for the eye only. */
export function FieldMessage({ id, sentence, place = "mt-2", tone = "danger" }: Props) {
  const { waitSeconds, spoken } = useForm();
  const isCounting = waitSeconds > 0;
  return (
    <div id={id} role="alert" className={sentence ? `${LOOKS[tone]} ${place}` : ""}>
      {sentence && (
        <p className="flex gap-2">
          {tone === "danger" && <Warning />}
          <span className={isCounting ? "sr-only" : ""}>{isCounting ? spoken : sentence}</span>
          {isCounting && <span aria-hidden="true">{sentence}</span>}
        </p>
      )}
    </div>
  );
}

function Warning() {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true" className="mt-1 size-4 shrink-0 fill-current">
      <path d="M8 1 15.5 14.5H.5ZM7.2 5.5v4.3h1.6V5.5Zm0 5.4v1.7h1.6v-1.7Z" fillRule="evenodd" />
    </svg>
  );
}

/** A refusal that is about no field of the form. Stands over the form's button. */
export function FormMessage({ tone = "danger" }: { tone?: Tone }) {
  const { sentence, state } = useForm();
  const own = state.field === null ? sentence : null;
  return <FieldMessage id={useId()} sentence={own} place={tone === "danger" ? "mb-3" : "mt-2"} tone={tone} />;
}
