import type { ReferenceField, ReferenceOperation } from "@/lib/dialects/reference";
import { r } from "@/lib/web/reference-messages";
import { CodeBlock } from "./code-block";
import { Facts } from "./facts";
import { CopyButton } from "./ui/copy-button";

/** One endpoint of an API: a command to try it with, what it takes, and what it answers. */
export function ApiOperation({ operation }: { operation: ReferenceOperation }) {
  const { id, endpoint, summary, description, curl, query, body: asked, answers, examples } = operation;
  return (
    <section id={id} aria-labelledby={`${id}-title`} className="mt-12 border-t border-line pt-6">
      <h2 id={`${id}-title`} className="text-xl font-semibold tracking-tight">
        {summary}
      </h2>
      <p className="mt-1 font-mono text-sm [overflow-wrap:anywhere]" translate="no">
        {endpoint}
      </p>
      <p className="mt-1 text-quiet">{whoMayAsk(operation)}</p>
      {description && <p className="text-quiet [overflow-wrap:anywhere]">{description}</p>}
      <div className="mt-4">
        <CodeBlock id={`${id}-curl`} label={r.api.command} text={curl} />
      </div>
      <div className="mt-2">
        <CopyButton label={r.api.copy} text={curl} sourceId={`${id}-curl`} />
      </div>
      {query.length > 0 && (
        <>
          <h3 className="mb-1 mt-5 font-semibold">{r.api.query}</h3>
          <Facts facts={query.map(({ name, means }) => ({ id: name, name, text: means }))} />
        </>
      )}
      {asked && <RequestBody body={asked} />}
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

/** Nothing where nothing is asked for: an object without a field. */
function RequestBody({ body }: { body: NonNullable<ReferenceOperation["body"]> }) {
  const { type, isRequired, fields } = body;
  if (type === null && fields.length === 0) return null;
  const need = r.api.need[isRequired ? "required" : "optional"];
  return (
    <>
      <h3 className="mb-1 mt-5 font-semibold">{r.api.sends}</h3>
      {type && <p className="mb-1 text-quiet">{r.api.body(type, need, fields.length > 0)}</p>}
      {fields.length > 0 && (
        <Facts facts={fields.map((field) => ({ id: field.name, name: field.name, text: inWords(field) }))} />
      )}
    </>
  );
}

function inWords({ type, need, means }: ReferenceField): string {
  const text = `${type}, ${r.api.need[need]}`;
  return means === null ? text : `${text}. ${means}`;
}

function whoMayAsk({ proofs, isProofOptional }: ReferenceOperation): string {
  if (proofs.length === 0) return r.api.anybody;
  return isProofOptional ? r.api.mayBring(proofs) : r.api.needs(proofs);
}
