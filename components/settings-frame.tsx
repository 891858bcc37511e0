import type { ReactNode } from "react";
import type { FormAction } from "@/lib/web/form-state";
import { m } from "@/lib/web/messages";
import { SignOutForm } from "./sign-out-form";
import { Wordmark } from "./wordmark";

const SECTIONS = [
  { name: m.settings.security, href: "/settings/security" },
  { name: m.settings.password, href: "/settings/password" },
  { name: m.settings.email, href: "/settings/email" },
] as const;

type Props = {
  email: string;
  /** The section shown; null in a flow that is left by its own links. */
  current: (typeof SECTIONS)[number]["href"] | null;
  mark?: "owed" | "given" | "closes";
  /** Offers the administrators' console. */
  isAdmin?: boolean;
  signOut: FormAction;
  children: ReactNode;
};

/** The frame of pages for somebody who is signed in. */
export function SettingsFrame({ email, current, mark = "given", isAdmin = false, signOut, children }: Props) {
  return (
    <div className="mx-auto w-full max-w-[58rem] px-4 pb-16 sm:px-8">
      <header className="no-print flex flex-wrap items-center justify-between gap-x-6 gap-y-1 py-4 sm:py-8">
        <Wordmark state={mark} />
        <div className="flex min-w-0 items-center gap-x-4 max-sm:w-full max-sm:justify-between">
          <p className="min-w-0 truncate text-quiet" title={email} translate="no">
            <span className="sr-only">{m.settings.signedInAs} </span>
            {email}
          </p>
          <div className="flex shrink-0 items-center gap-x-4">
            {isAdmin && (
              <a href="/admin/users" className="link link-alone">
                {m.settings.console}
              </a>
            )}
            <SignOutForm action={signOut} />
          </div>
        </div>
      </header>
      <div className="sm:grid sm:grid-cols-[9rem_minmax(0,40rem)] sm:gap-x-12">
        {current === null ? <div className="max-sm:hidden" /> : <Sections current={current} />}
        <main id="content" className="min-w-0">
          {children}
        </main>
      </div>
    </div>
  );
}

function Sections({ current }: { current: string }) {
  return (
    <nav aria-label={m.settings.sections} className="no-print mb-6 sm:mb-0">
      <ul className="flex gap-5 border-b border-line sm:flex-col sm:gap-1 sm:border-0">
        {SECTIONS.map(({ name, href }) => (
          <li key={href}>
            <a
              href={href}
              aria-current={href === current ? "page" : undefined}
              className="target -mb-px flex items-center border-transparent text-quiet hover:text-ink aria-[current]:border-given aria-[current]:font-semibold aria-[current]:text-ink max-sm:border-b-2 sm:border-s-2 sm:ps-3"
            >
              {name}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
