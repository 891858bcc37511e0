import type { ReactNode } from "react";

const TONES = {
  given: "bg-given-soft border-given",
  owed: "bg-owed-soft border-owed-mark",
  danger: "bg-danger-soft border-danger",
};

type Props = { tone: keyof typeof TONES; children: ReactNode; role?: "status" | "note" };

/** A word to the reader: what was just done, or what is still owed. */
export function Notice({ tone, children, role = "status" }: Props) {
  return (
    <div role={role} className={`rounded border-s-4 px-4 py-3 text-ink ${TONES[tone]}`}>
      {children}
    </div>
  );
}
