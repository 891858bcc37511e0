import type { ReactNode } from "react";
import { r } from "@/lib/web/reference-messages";
import { Wordmark } from "./wordmark";

const PAGES = [
  { name: r.docs.title, href: "/docs" },
  { name: r.conformance.title, href: "/conformance" },
] as const;

type Props = { current: (typeof PAGES)[number]["href"] | null; title: string; children: ReactNode };

/** The frame of pages for whoever writes a client: to be read by anybody, signed in or not. */
export function ReadingFrame({ current, title, children }: Props) {
  return (
    <div className="mx-auto w-full max-w-[48rem] px-4 pb-16 sm:px-8">
      <header className="no-print flex flex-wrap items-center justify-between gap-x-6 gap-y-1 py-4 sm:py-8">
        <Wordmark state="given" />
        <nav aria-label={r.nav}>
          <ul className="flex gap-5">
            {PAGES.map(({ name, href }) => (
              <li key={href}>
                <a
                  href={href}
                  aria-current={href === current ? "page" : undefined}
                  className="target flex items-center text-quiet hover:text-ink aria-[current]:font-semibold aria-[current]:text-ink"
                >
                  {name}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      </header>
      <main id="content" className="min-w-0">
        <h1 className="text-2xl font-semibold tracking-tight">{title}</h1>
        {children}
      </main>
    </div>
  );
}
