import type { Reference } from "@/lib/dialects/reference";
import { r } from "@/lib/web/reference-messages";
import { CodeBlock } from "./code-block";
import { Facts } from "./facts";
import { CopyButton } from "./ui/copy-button";

/** The service of an API that is there over gRPC-Web and gRPC, too: its name, its methods, and a command to try it with. */
export function GrpcService({ grpc }: { grpc: NonNullable<Reference["grpc"]> }) {
  const { service, methods, proto, command, note } = grpc;
  return (
    <div className="mt-6">
      <h2 className="mb-1 font-semibold">{r.grpc.title}</h2>
      <p className="mb-3 text-quiet">
        {r.grpc.intro} {note}
      </p>
      <Facts
        facts={[
          { id: "service", name: r.grpc.service, text: service },
          { id: "methods", name: r.grpc.methods, text: methods.join(", ") },
          { id: "proto", name: r.grpc.proto, text: r.grpc.inSource(proto) },
        ]}
      />
      <div className="mt-3">
        <CodeBlock id="grpc-command" label={r.api.command} text={command} />
      </div>
      <div className="mt-2">
        <CopyButton label={r.api.copy} text={command} sourceId="grpc-command" />
      </div>
    </div>
  );
}
