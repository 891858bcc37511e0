"use client";

import { useForm } from "./form-context";

/** A box to tick; ticked, the form says "1" under its name. What was ticked stays so after a refusal. */
export function Checkbox({ name, label }: { name: string; label: string }) {
  const { state, isPending } = useForm();
  return (
    <label className="target flex w-fit items-center gap-3">
      <input
        // React resets a form that was answered to what its fields began with.
        key={state.values[name]}
        type="checkbox"
        name={name}
        value="1"
        defaultChecked={state.values[name] === "1"}
        disabled={isPending}
        className="size-6 shrink-0 accent-given-strong"
      />
      {label}
    </label>
  );
}
