import type { Metadata } from "next";
import { CodeBlock } from "@/components/code-block";
import { ReadingFrame } from "@/components/reading-frame";
import { scopeOf } from "@/lib/core/access/scopes";
import { tables } from "@/lib/dialects/tables";
import { env } from "@/lib/env";
import { r } from "@/lib/web/reference-messages";

export const metadata: Metadata = { title: r.docs.title };

/** Which APIs there are. */
export default function DocsPage() {
  return (
    <ReadingFrame current="/docs" title={r.docs.title}>
      <p className="mb-6 mt-2 text-quiet">{r.docs.intro}</p>
      <h2 className="mb-2 font-semibold">{r.docs.base}</h2>
      <CodeBlock label={r.docs.base} text={env().publicUrl.origin} />
      <ul className="mt-8 divide-y divide-line border-y border-line">
        {tables.map(({ dialect: { name, title, original, operations } }) => (
          <li key={name} className="py-4">
            <h2 className="text-xl font-semibold tracking-tight">{title}</h2>
            <p className="mt-1 text-quiet">
              {r.api.follows(original)} {r.docs.endpoints(operations.length)}.
            </p>
            <p className="mt-1 flex flex-wrap gap-x-5">
              <a href={`/docs/${name}`} className="link link-alone">
                {r.docs.read(title)}
              </a>
              <a href={`/api/docs/${name}.json`} className="link link-alone">
                {r.docs.openapi}
                <span className="sr-only"> ({title})</span>
              </a>
            </p>
          </li>
        ))}
      </ul>
      <p className="mt-6">
        <a href="/conformance" className="link link-alone">
          {r.docs.conformance}
        </a>
      </p>
      <p className="mt-4 text-quiet [overflow-wrap:anywhere]">{r.docs.audit(scopeOf("audit.read"))}</p>
    </ReadingFrame>
  );
}
