"use client";

import { useForm } from "./form-context";

type Props = {
  name: string;
  label: string;
  defaultValue: string;
  choices: readonly { value: string; label: string }[];
};

/** One of a few. What was chosen stays so after a refusal. */
export function Choices({ name, label, defaultValue, choices }: Props) {
  const { state, isPending } = useForm();
  const chosen = state.values[name] || defaultValue;
  return (
    <fieldset disabled={isPending}>
      <legend className="mb-1 font-medium">{label}</legend>
      {choices.map((choice) => (
        <label key={choice.value} className="target flex w-fit items-center gap-3">
          <input
            // React resets a form that was answered to what its fields began with.
            key={chosen}
            type="radio"
            name={name}
            value={choice.value}
            defaultChecked={choice.value === chosen}
            className="tick"
          />
          {choice.label}
        </label>
      ))}
    </fieldset>
  );
}
