"use client";

import { type CompositionEvent, type FormEvent, useEffect, useRef } from "react";
import { m } from "@/lib/web/messages";
import { FieldMessage } from "./field-message";
import { useForm } from "./form-context";

const DIGITS = 6;

/** The digits in whatever was typed or pasted: full-width ones are made plain, blanks and dashes dropped. */
export function digitsIn(typed: string): string {
  return typed.normalize("NFKC").replace(/\D/g, "").slice(0, DIGITS);
}

type Props = { label?: string; hint?: string; hasFocus?: boolean };

/** The 6-digit code of an authenticator app, or of a mail: one real input, sent by its sixth digit. */
export function CodeField({ label = m.common.code, hint, hasFocus = false }: Props) {
  const { sentence, state, isPending, waitSeconds } = useForm();
  const input = useRef<HTMLInputElement>(null);
  const own = state.field === "code" ? sentence : null;

  useEffect(() => {
    if (!state.refusal || state.field !== "code" || isPending || !input.current) return;
    input.current.value = "";
    input.current.focus();
  }, [state, isPending]);

  function take(element: HTMLInputElement) {
    const digits = digitsIn(element.value);
    if (digits !== element.value) element.value = digits;
    if (digits.length === DIGITS && waitSeconds === 0) element.form?.requestSubmit();
  }
  function onInput(event: FormEvent<HTMLInputElement>) {
    // An input method still at work writes over what is changed under it. React's type has any event for the native one.
    if (!(event.nativeEvent as InputEvent).isComposing) take(event.currentTarget);
  }

  return (
    <div>
      <label htmlFor="code" className="mb-2 block font-medium">
        {label}
      </label>
      <div className="relative" dir="ltr">
        <input
          ref={input}
          id="code"
          name="code"
          type="text"
          inputMode="numeric"
          autoComplete="one-time-code"
          // Room for blanks and dashes around a pasted code.
          maxLength={24}
          required
          // biome-ignore lint/a11y/noAutofocus: the one thing to do on the page, which says so in its heading
          autoFocus={hasFocus}
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          translate="no"
          disabled={isPending}
          aria-invalid={own !== null || undefined}
          aria-describedby={`${hint ? "code-hint " : ""}code-message`}
          onInput={onInput}
          onCompositionEnd={(event: CompositionEvent<HTMLInputElement>) => take(event.currentTarget)}
          className="code-input"
        />
        <Slots />
      </div>
      {hint && (
        <p id="code-hint" className="mt-1 text-sm text-quiet">
          {hint}
        </p>
      )}
      <FieldMessage id="code-message" sentence={own} />
    </div>
  );
}

/** Where the digits will stand. */
function Slots() {
  return (
    <span aria-hidden="true" className="code-slots">
      {["1", "2", "3", "4", "5", "6"].map((slot) => (
        <span key={slot} />
      ))}
    </span>
  );
}
