import { scopeInWords } from "@/lib/web/messages";

/** A scope in words, with its exact name for whoever writes the program. */
export function Scope({ scope }: { scope: string }) {
  return (
    <span className="min-w-0">
      {scopeInWords(scope)}{" "}
      <code className="font-mono text-sm text-quiet [overflow-wrap:anywhere]" translate="no">
        {scope}
      </code>
    </span>
  );
}
