"use client";

import { useEffect, useRef } from "react";
import { FieldMessage } from "./field-message";
import { useForm } from "./form-context";
import { INPUT_LOOK } from "./input-look";

type Props = { label: string; hint: string; hasFocus?: boolean };

/** A recovery code, or any code where both kinds will do: typed in any case, with or without dashes. */
export function RecoveryCodeField({ label, hint, hasFocus = false }: Props) {
  const { sentence, state, isPending } = useForm();
  const input = useRef<HTMLInputElement>(null);
  const own = state.field === "code" ? sentence : null;

  useEffect(() => {
    if (state.refusal && state.field === "code" && !isPending) input.current?.focus();
  }, [state, isPending]);

  return (
    <div>
      <label htmlFor="code" className="mb-1 block font-medium">
        {label}
      </label>
      <input
        ref={input}
        id="code"
        name="code"
        type="text"
        inputMode="text"
        autoComplete="off"
        maxLength={64}
        required
        // biome-ignore lint/a11y/noAutofocus: somebody opened this panel to type here
        autoFocus={hasFocus}
        autoCapitalize="characters"
        autoCorrect="off"
        spellCheck={false}
        translate="no"
        dir="ltr"
        disabled={isPending}
        aria-invalid={own !== null || undefined}
        aria-describedby="code-hint code-message"
        className={`${INPUT_LOOK} font-mono text-lg uppercase`}
      />
      <p id="code-hint" className="mt-1 text-sm text-quiet">
        {hint}
      </p>
      <FieldMessage id="code-message" sentence={own} />
    </div>
  );
}
