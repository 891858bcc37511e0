import type { ReactNode } from "react";

type Props = { id: string; title: string; intro?: string; children: ReactNode };

/** A part of a settings page. */
export function Section({ id, title, intro, children }: Props) {
  return (
    <section id={id} aria-labelledby={`${id}-title`} className="mt-12">
      <h2 id={`${id}-title`} className="text-xl font-semibold tracking-tight">
        {title}
      </h2>
      {intro && <p className="mt-1 text-quiet">{intro}</p>}
      <div className="mt-4">{children}</div>
    </section>
  );
}
