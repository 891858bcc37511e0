/** Where the cut runs: six teeth across a square of 32. */
const CUT = [0, 5.333, 10.667, 16, 21.333, 26.667, 32].map((x, i) => `${x} ${i % 2 === 0 ? 18.5 : 13.5}`);

const UPPER = `M0 8A8 8 0 0 1 8 0H24A8 8 0 0 1 32 8V18.5L${[...CUT].reverse().slice(1).join("L")}Z`;
const LOWER = `M${CUT.join("L")}V24A8 8 0 0 1 24 32H8A8 8 0 0 1 0 24Z`;

/**
 * A square split by a zigzag, as a tally was to prove its bearer: the halves apart while something is still owed, together
 * when it is given. `closes` shows them meet once.
 */
export function Mark({ state, size = 28 }: { state: "owed" | "given" | "closes"; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="-1 -3 34 38"
      aria-hidden="true"
      className={`shrink-0 overflow-visible ${state === "owed" ? "mark-owed" : state === "closes" ? "mark-closes" : ""}`}
    >
      <path className="mark-upper fill-ink" d={UPPER} />
      <path className="mark-lower fill-given" d={LOWER} />
    </svg>
  );
}
