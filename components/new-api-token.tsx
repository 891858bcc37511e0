import { m } from "@/lib/web/messages";
import { CodeBlock } from "./code-block";
import { CopyButton } from "./ui/copy-button";

/** A token that was just made, the one time it is shown. */
export function NewApiToken({ token }: { token: string }) {
  return (
    <section aria-labelledby="new-token-title" className="mb-8 rounded-lg bg-given-soft px-5 py-4">
      <h2 id="new-token-title" className="text-lg font-semibold">
        {m.tokens.newTitle}
      </h2>
      <p className="mb-3">{m.tokens.newNote}</p>
      <CodeBlock id="new-token" label={m.tokens.newTitle} text={token} />
      <div className="mt-3">
        <CopyButton label={m.tokens.copy} text={token} sourceId="new-token" />
      </div>
    </section>
  );
}
