/** The classes of a field that one types into or chooses from: also where no form of an action is around it. */
export const INPUT_LOOK =
  "target w-full rounded border border-edge bg-sheet px-3 text-base text-ink aria-invalid:border-danger aria-invalid:border-2 disabled:opacity-70";
