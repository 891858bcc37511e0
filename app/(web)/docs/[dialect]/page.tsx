import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { ApiOperation } from "@/components/api-operation";
import { Facts } from "@/components/facts";
import { GrpcService } from "@/components/grpc-service";
import { ReadingFrame } from "@/components/reading-frame";
import { referenceOf } from "@/lib/dialects/reference";
import { tables } from "@/lib/dialects/tables";
import { env } from "@/lib/env";
import { r } from "@/lib/web/reference-messages";

type Props = { params: Promise<{ dialect: string }> };

async function find({ params }: Props): Promise<(typeof tables)[number]> {
  const { dialect: name } = await params;
  return tables.find(({ dialect }) => dialect.name === name) ?? notFound();
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  return { title: r.api.title((await find(props)).dialect.title) };
}

/** One API, endpoint by endpoint. */
export default async function DialectPage(props: Props) {
  const reference = referenceOf(await find(props), env().publicUrl.origin);
  const { name, title, original, curlNote, proofs, grpc, operations } = reference;
  return (
    <ReadingFrame current={null} title={r.api.title(title)}>
      <p className="mt-2 text-quiet">
        {r.api.follows(original)} {r.api.examples} {curlNote}
      </p>
      <p className="mb-6 mt-1 flex flex-wrap gap-x-5">
        <a href="/docs" className="link link-alone">
          {r.api.all}
        </a>
        <a href={`/api/docs/${name}.json`} className="link link-alone">
          {r.docs.openapi}
        </a>
        <a href={`/conformance#${name}`} className="link link-alone">
          {r.api.conformance}
        </a>
      </p>
      <h2 className="mb-1 font-semibold">{r.api.proofs}</h2>
      <Facts facts={proofs.map((proof) => ({ id: proof.name, name: proof.name, text: proof.how }))} />
      {grpc && <GrpcService grpc={grpc} />}
      <nav aria-label={r.api.contents} className="mt-6">
        <h2 className="mb-1 font-semibold">{r.api.contents}</h2>
        <Facts
          isWide
          facts={operations.map(({ id, endpoint, summary }) => ({
            id,
            name: <Endpoint id={id} endpoint={endpoint} />,
            text: summary,
          }))}
        />
      </nav>
      {operations.map((operation) => (
        <ApiOperation key={operation.id} operation={operation} />
      ))}
    </ReadingFrame>
  );
}

/** A link to an endpoint, whose method stands in a column before its address. */
function Endpoint({ id, endpoint }: { id: string; endpoint: string }) {
  const [method, address] = endpoint.split(" ");
  return (
    <a href={`#${id}`} className="link link-alone items-baseline">
      <span className="w-[7ch] flex-none">
        {/* A box of its own, so that the line below the address does not run under it. */}
        <span className="inline-block">{method}</span>
      </span>{" "}
      <span className="min-w-0">{address}</span>
    </a>
  );
}
