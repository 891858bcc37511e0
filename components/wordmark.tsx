import { m } from "@/lib/web/messages";
import { Mark } from "./mark";

/** The mark and the name, which lead to the start. */
export function Wordmark({ state }: { state: "owed" | "given" | "closes" }) {
  return (
    <a
      href="/"
      className="target inline-flex items-center gap-3 rounded font-semibold tracking-tight text-ink"
    >
      <Mark state={state} />
      <span className="text-lg">{m.product}</span>
    </a>
  );
}
