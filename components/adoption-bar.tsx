import type { AdoptionTotals } from "@/lib/core/adoption";
import { a } from "@/lib/web/admin-messages";

/** What the parts look like; the amber and the red stand for what is owed and what is late. */
const LOOKS = {
  with: { dot: "bg-given-strong", bar: "fill-given-strong" },
  grace: { dot: "bg-owed-mark", bar: "fill-owed-mark" },
  late: { dot: "bg-danger-strong", bar: "fill-danger-strong" },
  rest: { dot: "bg-edge", bar: "fill-edge" },
};
type Part = keyof typeof LOOKS;
const PARTS: readonly Part[] = ["with", "grace", "late", "rest"];

/** How many people have two-factor sign-in, in words and as a bar, which adds nothing to the words. */
export function AdoptionBar({ totals }: { totals: AdoptionTotals }) {
  const counts = { ...totals, rest: totals.without - totals.grace - totals.late };
  return (
    <>
      <p className="mb-2 text-lg font-semibold">{a.adoption.share(totals.with, totals.all)}</p>
      <svg
        viewBox="0 0 100 4"
        preserveAspectRatio="none"
        aria-hidden="true"
        className="h-4 w-full rounded bg-line"
      >
        {PARTS.map((part, index) => {
          const before = PARTS.slice(0, index).reduce((sum, each) => sum + counts[each], 0);
          const share = 100 / Math.max(1, totals.all);
          return (
            <rect
              key={part}
              x={before * share}
              width={counts[part] * share}
              height="4"
              className={LOOKS[part].bar}
            />
          );
        })}
      </svg>
      <dl className="mt-3 flex flex-wrap gap-x-8 gap-y-1">
        {PARTS.map((part) => (
          <div key={part} className="flex items-center gap-2">
            <dt className="flex items-center gap-2 text-quiet">
              <span aria-hidden="true" className={`size-3 rounded-sm ${LOOKS[part].dot}`} />
              {a.adoption.totals[part]}
            </dt>
            <dd className="font-semibold tabular-nums">{counts[part]}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
