import type { ReferenceOperation } from "@/lib/dialects/reference";
import { r } from "@/lib/web/reference-messages";
import { CodeBlock } from "./code-block";
import { Facts } from "./facts";
import { CopyButton } from "./ui/copy-button";

/** One endpoint of an API: a command to try it with, what it takes, and what it answers. */
export function ApiOperation({ operation }: { operation: ReferenceOperation }) {
  const { id, endpoint, summary, curl, fields, answers, examples } = operation;
  return (
    <section id={id} aria-labelledby={`${id}-title`} className="mt-12 border-t border-line pt-6">
      <h2 id={`${id}-title`} className="text-xl font-semibold tracking-tight">
        {summary}
      </h2>
      <p className="mt-1 font-mono text-sm [overflow-wrap:anywhere]" translate="no">
        {endpoint}
      </p>
      <p className="mb-4 mt-1 text-quiet">{whoMayAsk(operation)}</p>
      <CodeBlock id={`${id}-curl`} label={r.api.command} text={curl} />
      <div className="mt-2">
        <CopyButton label={r.api.copy} text={curl} sourceId={`${id}-curl`} />
      </div>
      {fields.length > 0 && (
        <>
          <h3 className="mb-1 mt-5 font-semibold">{r.api.sends}</h3>
          <Facts
            facts={fields.map(({ name, type, need }) => ({
              id: name,
              name,
              text: `${type}, ${r.api.need[need]}`,
            }))}
          />
        </>
      )}
      <h3 className="mb-1 mt-5 font-semibold">{r.api.answers}</h3>
      <Facts
        facts={answers.map(({ status, means }) => ({ id: String(status), name: status, text: means }))}
      />
      {examples.map(({ status, who, body }) => (
        <div key={`${status} ${body}`}>
          <p className="mb-2 mt-4 text-quiet">{r.api.example(status, who)}</p>
          {body === null ? (
            <p>{r.api.empty}</p>
          ) : (
            <CodeBlock label={r.api.example(status, who)} text={body} />
          )}
        </div>
      ))}
    </section>
  );
}

function whoMayAsk({ proofs, isProofOptional }: ReferenceOperation): string {
  if (proofs.length === 0) return r.api.anybody;
  return isProofOptional ? r.api.mayBring(proofs) : r.api.needs(proofs);
}
