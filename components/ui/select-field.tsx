"use client";

import { useId } from "react";
import { FieldMessage } from "./field-message";
import { useForm } from "./form-context";
import { INPUT_LOOK } from "./input-look";

export type Choice = { value: string; words: string };
export type ChoiceGroup = { label: string; choices: readonly Choice[] };

type Props = {
  name: string;
  label: string;
  /** What nothing chosen is called. */
  none: string;
  choices: readonly (Choice | ChoiceGroup)[];
};

/** A labelled list to choose one thing of, or none, with its refusal. */
export function SelectField({ name, label, none, choices }: Props) {
  const { state, sentence } = useForm();
  const id = useId();
  const own = state.field === name ? sentence : null;
  return (
    <div className="min-w-0">
      <label htmlFor={id} className="mb-1 block font-medium">
        {label}
      </label>
      <select
        id={id}
        name={name}
        defaultValue={state.values[name] ?? ""}
        aria-invalid={own !== null || undefined}
        aria-describedby={`${id}-message`}
        className={INPUT_LOOK}
      >
        <option value="">{none}</option>
        {choices.map((choice) =>
          "choices" in choice ? (
            <optgroup key={choice.label} label={choice.label}>
              <Options choices={choice.choices} />
            </optgroup>
          ) : (
            <Options key={choice.value} choices={[choice]} />
          ),
        )}
      </select>
      <FieldMessage id={`${id}-message`} sentence={own} />
    </div>
  );
}

function Options({ choices }: { choices: readonly Choice[] }) {
  return choices.map(({ value, words }) => (
    <option key={value} value={value}>
      {words}
    </option>
  ));
}
