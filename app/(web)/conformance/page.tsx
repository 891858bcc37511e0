import type { Metadata } from "next";
import type { ReactNode } from "react";
import { ConformanceCase } from "@/components/conformance-case";
import { ReadingFrame } from "@/components/reading-frame";
import { type Conformance, conformance, type ShownCase } from "@/lib/dialects/conformance";
import { r } from "@/lib/web/reference-messages";

export const metadata: Metadata = { title: r.conformance.title };

/** What is tested of each API, and where each differs from its original. */
export default function ConformancePage() {
  const all = conformance();
  return (
    <ReadingFrame current="/conformance" title={r.conformance.title}>
      <p className="mt-2 text-quiet">{r.conformance.intro}</p>
      <p className="mt-1 flex flex-wrap gap-x-5">
        {all.map(({ name, title }) => (
          <a key={name} href={`#${name}`} className="link link-alone">
            {title}
          </a>
        ))}
        <a href="/conformance.json" className="link link-alone">
          {r.conformance.twin}
        </a>
      </p>
      {all.map((one) => (
        <DialectSection key={one.name} one={one} />
      ))}
    </ReadingFrame>
  );
}

function DialectSection({ one }: { one: Conformance }) {
  const { name, title, original, endpoints, everywhere, differences } = one;
  const count = endpoints.reduce((sum, each) => sum + each.cases.length, 0);
  return (
    <section id={name} aria-labelledby={`${name}-title`} className="mt-12">
      <h2 id={`${name}-title`} className="text-xl font-semibold tracking-tight">
        {title}
      </h2>
      <p className="mt-1 text-quiet">
        {r.api.follows(original)} {r.conformance.counted(count)}
      </p>
      <p>
        <a href={`/docs/${name}`} className="link link-alone">
          {r.docs.read(title)}
        </a>
      </p>
      <h3 className="mb-1 mt-5 font-semibold">{r.conformance.differences}</h3>
      <Differences differences={differences} />
      <h3 className="mb-1 mt-5 font-semibold">{r.conformance.cases}</h3>
      <ul className="divide-y divide-line border-y border-line">
        {endpoints.map(({ endpoint, cases }) => (
          <Cases key={endpoint} title={<Endpoint name={endpoint} />} cases={cases} />
        ))}
        <Cases
          title={r.conformance.everywhere}
          cases={everywhere.map(({ when, ...answered }) => ({ who: when, ...answered }))}
        />
      </ul>
    </section>
  );
}

function Differences({ differences }: Pick<Conformance, "differences">) {
  return (
    <ul className="divide-y divide-line border-y border-line">
      {differences.map((each) => (
        <li key={each.endpoint + each.original} className="py-3">
          <Endpoint name={each.endpoint} />
          <dl className="gap-x-4 gap-y-1 sm:grid sm:grid-cols-[7rem_minmax(0,1fr)]">
            <dt className="text-quiet max-sm:mt-1">{r.conformance.original}</dt>
            <dd>{each.original}</dd>
            <dt className="text-quiet max-sm:mt-1">{r.conformance.here}</dt>
            <dd>
              <ConformanceCase one={each.case} />
            </dd>
            <dt className="text-quiet max-sm:mt-1">{r.conformance.why}</dt>
            <dd>{each.reason}</dd>
          </dl>
        </li>
      ))}
    </ul>
  );
}

/** The cases of one address, behind the statuses that they end in. */
function Cases({ title, cases }: { title: ReactNode; cases: readonly ShownCase[] }) {
  const statuses = [...new Set(cases.map(({ status }) => status))].sort((a, b) => a - b);
  return (
    <li>
      <details>
        <summary className="target flex flex-wrap items-center gap-x-4 py-1">
          {title}
          <span className="text-sm text-quiet">{statuses.join(", ")}</span>
        </summary>
        <ul className="pb-3">
          {cases.map((each) => (
            <li key={JSON.stringify(each)} className="py-1.5">
              <ConformanceCase one={each} />
            </li>
          ))}
        </ul>
      </details>
    </li>
  );
}

function Endpoint({ name }: { name: string }) {
  return (
    <span className="font-mono text-sm font-semibold [overflow-wrap:anywhere]" translate="no">
      {name}
    </span>
  );
}
