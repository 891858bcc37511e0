/** Lines of code. Long ones are broken for the eye alone: copied, they are as they were. */
export function CodeBlock({ id, label, text }: { id?: string; label: string; text: string }) {
  return (
    <figure aria-label={label}>
      <pre
        className="rounded border border-line bg-sheet px-4 py-3 font-mono text-sm [font-variant-ligatures:none]"
        translate="no"
      >
        <code id={id} className="whitespace-pre-wrap [overflow-wrap:anywhere]">
          {text}
        </code>
      </pre>
    </figure>
  );
}
