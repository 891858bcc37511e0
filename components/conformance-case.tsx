import type { Answered, Json } from "@/lib/dialects/cases";
import type { ShownCase } from "@/lib/dialects/conformance";
import { r } from "@/lib/web/reference-messages";

/** One request and its answer, in a sentence and their bodies. */
export function ConformanceCase({ one }: { one: ShownCase }) {
  const { who, given, asks, sends, next } = one;
  return (
    <div className="text-quiet">
      <span className="text-ink">{who.charAt(0).toUpperCase() + who.slice(1)}</span>
      {given && r.conformance.given(given)}
      {asks !== undefined && (
        <>
          {" "}
          {r.conformance.asks}{" "}
          <code className="font-mono text-sm text-ink [overflow-wrap:anywhere]" translate="no">
            {asks}
          </code>
        </>
      )}
      {sends !== undefined && (
        <>
          {" "}
          {r.conformance.sends} <Body json={sends} />
        </>
      )}{" "}
      <Answer {...one} isAfterBody={sends !== undefined} />
      {next && (
        <>
          {" "}
          {r.conformance.next}{" "}
          <code className="font-mono text-sm text-ink [overflow-wrap:anywhere]">{next.asks}</code>{" "}
          {next.sends !== undefined && (
            <>
              {r.conformance.sends} <Body json={next.sends} />{" "}
            </>
          )}
          <Answer {...next} isAfterBody={next.sends !== undefined} />
        </>
      )}
    </div>
  );
}

function Answer({ status, answers, isAfterBody }: Answered & { isAfterBody: boolean }) {
  return (
    <>
      {isAfterBody ? r.conformance.andAnswered(status) : r.conformance.answered(status)}{" "}
      {answers === undefined ? r.conformance.empty : <Body json={answers} />}
    </>
  );
}

/** With blanks where a line may end. */
function spacedJson(json: Json): string {
  return JSON.stringify(json, null, 1).replaceAll(/\n */g, " ");
}

function Body({ json }: { json: Json }) {
  return (
    <code className="font-mono text-sm text-ink [overflow-wrap:anywhere]" translate="no">
      {spacedJson(json)}
    </code>
  );
}
