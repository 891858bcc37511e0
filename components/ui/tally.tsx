import type { ReactNode } from "react";

const TEETH = 18;
const DEPTH = 12;
const WIDTH = TEETH * 24;

const zigzag = Array.from({ length: TEETH * 2 + 1 }, (_, i) => `${i * 12} ${i % 2 === 0 ? 0 : DEPTH}`).join(
  "L",
);

/** The cut edge of a sheet. Drawn as wide as the sheet, so that its teeth are always whole. */
function CutEdge({ side }: { side: "upper" | "lower" }) {
  const d =
    side === "upper" ? `M${zigzag}` : `M0 ${DEPTH}V0L${zigzag.slice(zigzag.indexOf("L") + 1)}V${DEPTH}`;
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${DEPTH}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      className="block h-3 w-full overflow-visible fill-sheet stroke-line no-print"
    >
      <path d={d} strokeWidth={1} vectorEffect="non-scaling-stroke" strokeLinejoin="round" />
    </svg>
  );
}

/** Two sheets with one cut between them: what was given above, what is owed below. */
export function Tally({ children }: { children: ReactNode }) {
  return <div className="tally">{children}</div>;
}

/** The upper sheet, cut at its foot. */
export function TallyUpper({ children, isSlim = false }: { children: ReactNode; isSlim?: boolean }) {
  return (
    <div>
      <div
        className={`rounded-t-lg border border-b-0 border-line bg-sheet px-5 sm:px-8 ${isSlim ? "pb-2 pt-4" : "pb-5 pt-6 sm:pb-6 sm:pt-8"}`}
      >
        {children}
      </div>
      <CutEdge side="upper" />
    </div>
  );
}

/** The lower sheet, cut at its head. */
export function TallyLower({ children }: { children: ReactNode }) {
  return (
    <div className="tally-lower">
      <CutEdge side="lower" />
      <div className="rounded-b-lg border border-t-0 border-line bg-sheet px-5 pb-6 pt-4 sm:px-8 sm:pb-8 sm:pt-5">
        {children}
      </div>
    </div>
  );
}
