"use client";

import { type ComponentProps, useEffect, useId, useRef } from "react";
import { m } from "@/lib/web/messages";
import { FieldMessage } from "./field-message";
import { useForm } from "./form-context";
import { INPUT_LOOK } from "./input-look";

export type TextFieldProps = {
  name: string;
  label: string;
  hint?: string;
  isOptional?: boolean;
  /** Takes the focus after a refusal that is about no field in particular. */
  isFocusedOnRefusal?: boolean;
  /** Beside the input, inside its frame. */
  aside?: React.ReactNode;
} & Omit<ComponentProps<"input">, "name">;

/** A labelled input with its hint and its refusal. */
export function TextField(props: TextFieldProps) {
  const {
    name,
    label,
    hint,
    isOptional = false,
    isFocusedOnRefusal = false,
    aside,
    defaultValue,
    ...rest
  } = props;
  const { state, sentence, isPending } = useForm();
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const own = state.field === name ? sentence : null;
  const takesFocus =
    state.refusal !== null && (state.field === name || (isFocusedOnRefusal && state.field === null));

  // biome-ignore lint/correctness/useExhaustiveDependencies: every new answer counts, also one that says the same
  useEffect(() => {
    if (takesFocus && !isPending) input.current?.focus();
  }, [state, takesFocus, isPending]);

  return (
    <div>
      <label htmlFor={id} className="mb-1 flex justify-between gap-4 font-medium">
        {label}
        {isOptional && <span className="font-normal text-quiet">{m.common.optional}</span>}
      </label>
      <div className="relative">
        <input
          ref={input}
          id={id}
          name={name}
          required={!isOptional}
          defaultValue={state.values[name] ?? defaultValue}
          aria-invalid={own !== null || undefined}
          aria-describedby={`${hint ? `${id}-hint ` : ""}${id}-message`}
          className={`${INPUT_LOOK} ${aside ? "pe-20" : ""}`}
          {...rest}
        />
        {aside}
      </div>
      {hint && (
        <p id={`${id}-hint`} className="mt-1 text-sm text-quiet">
          {hint}
        </p>
      )}
      <FieldMessage id={`${id}-message`} sentence={own} />
    </div>
  );
}
