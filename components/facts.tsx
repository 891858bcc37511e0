import type { ReactNode } from "react";

type Fact = { id: string; name: ReactNode; text: string };

/** A list of names and what is to be said of each: side by side where there is room. */
export function Facts({ facts, isWide = false }: { facts: readonly Fact[]; isWide?: boolean }) {
  const columns = isWide
    ? "sm:grid-cols-[minmax(0,4fr)_minmax(0,3fr)]"
    : "sm:grid-cols-[12rem_minmax(0,1fr)]";
  return (
    <dl className="divide-y divide-line border-y border-line">
      {facts.map(({ id, name, text }) => (
        <div key={id} className={`gap-x-4 py-1.5 sm:grid ${columns}`}>
          <dt className="font-mono text-sm [overflow-wrap:anywhere]" translate="no">
            {name}
          </dt>
          <dd className="text-quiet [overflow-wrap:anywhere]">{text}</dd>
        </div>
      ))}
    </dl>
  );
}
