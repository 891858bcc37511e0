/**
 * `main` does what a form or page is for; `danger` too, where that takes something away. `dangerPlain` leads there, or stands
 * beside a way back that offers itself.
 */
export type ButtonTone = "main" | "plain" | "danger" | "dangerPlain";

const SHAPE =
  "target inline-flex items-center justify-center gap-2 rounded px-4 py-2 text-base font-semibold text-center border disabled:cursor-default";

const TONES: Record<ButtonTone, string> = {
  main: "border-given-strong bg-given-strong text-given-on hover:bg-given hover:border-given disabled:opacity-70",
  plain: "border-edge bg-sheet text-ink hover:bg-paper hover:border-ink disabled:opacity-70",
  danger:
    "border-danger-strong bg-danger-strong text-danger-on hover:bg-danger hover:border-danger disabled:opacity-70",
  dangerPlain: "border-danger-strong bg-sheet text-danger hover:bg-danger-soft disabled:opacity-70",
};

/** The classes of something that looks like a button: one place, as links do too. */
export function buttonLook(tone: ButtonTone, isWide = false): string {
  return `${SHAPE} ${TONES[tone]} ${isWide ? "w-full" : ""}`;
}
