import type { ReactNode } from "react";

const TONES = {
  given: "bg-given-soft",
  owed: "bg-owed-soft",
  danger: "bg-danger-soft",
};

type Props = { tone: keyof typeof TONES; children: ReactNode; role?: "status" | "note" };

/** A word to the reader: what was just done, or what is still owed. */
export function Notice({ tone, children, role = "status" }: Props) {
  return (
    <div role={role} className={`rounded-lg px-5 py-4 text-ink ${TONES[tone]}`}>
      {children}
    </div>
  );
}
