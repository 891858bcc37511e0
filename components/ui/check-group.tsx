"use client";

import { type ReactNode, useEffect, useId, useRef } from "react";
import { FieldMessage } from "./field-message";
import { useForm } from "./form-context";

/** Boxes of which some are to be ticked, with the refusal that is about them all. */
export function CheckGroup({
  name,
  legend,
  children,
}: {
  name: string;
  legend: string;
  children: ReactNode;
}) {
  const { state, sentence, isPending } = useForm();
  const group = useRef<HTMLFieldSetElement>(null);
  const id = useId();
  const isRefused = state.field === name;

  // biome-ignore lint/correctness/useExhaustiveDependencies: every new answer counts, also one that says the same
  useEffect(() => {
    if (isRefused && !isPending) group.current?.querySelector("input")?.focus();
  }, [state, isRefused, isPending]);

  return (
    <fieldset ref={group} aria-describedby={id}>
      <legend className="mb-1 font-medium">{legend}</legend>
      {/* Over the boxes: their first gets the focus, and the last may be out of sight. */}
      <FieldMessage id={id} sentence={isRefused ? sentence : null} place="mb-3" />
      {children}
    </fieldset>
  );
}
