"use client";

import type { ReactNode } from "react";
import { useForm } from "./form-context";

type Props = {
  name: string;
  label: ReactNode;
  /** From the beginning. */
  isTicked?: boolean;
};

/** A box to tick; ticked, the form says "1" under its name. What was ticked stays so after a refusal. */
export function Checkbox({ name, label, isTicked = false }: Props) {
  const { state, isPending } = useForm();
  const isOn = state.values[name] === undefined ? isTicked : state.values[name] === "1";
  return (
    <label className="target flex w-fit items-center gap-3">
      <input
        // React resets a form that was answered to what its fields began with.
        key={String(isOn)}
        type="checkbox"
        name={name}
        value="1"
        defaultChecked={isOn}
        disabled={isPending}
        className="tick"
      />
      {label}
    </label>
  );
}
