import type { ReactNode } from "react";
import { a } from "@/lib/web/admin-messages";
import type { FormAction } from "@/lib/web/form-state";
import { m } from "@/lib/web/messages";
import { SignOutForm } from "./sign-out-form";
import { Wordmark } from "./wordmark";

const SECTIONS = [
  { name: a.users.title, href: "/admin/users" },
  { name: a.adoption.title, href: "/admin/adoption" },
  { name: a.policy.title, href: "/admin/policy" },
  { name: a.audit.title, href: "/admin/audit" },
] as const;

type Props = {
  email: string;
  /** The section shown; null in a flow that is left by its own links. */
  current: (typeof SECTIONS)[number]["href"] | null;
  signOut: FormAction;
  children: ReactNode;
};

/** The frame of the administrators' console. */
export function AdminFrame({ email, current, signOut, children }: Props) {
  return (
    <div className="mx-auto w-full max-w-[72rem] px-4 pb-16 sm:px-8">
      <header className="no-print flex flex-wrap items-center justify-between gap-x-6 gap-y-1 py-4 sm:py-8">
        <div className="flex items-center gap-x-3">
          <Wordmark state="given" />
          <span className="text-quiet">{a.console}</span>
        </div>
        <div className="flex min-w-0 items-center gap-x-4 max-sm:w-full max-sm:justify-between">
          <a href="/settings/security" className="link link-alone min-w-0" title={email}>
            <span className="sr-only">{m.settings.signedInAs} </span>
            <span className="truncate" translate="no">
              {email}
            </span>
          </a>
          <div className="shrink-0">
            <SignOutForm action={signOut} />
          </div>
        </div>
      </header>
      <div className="lg:grid lg:grid-cols-[9rem_minmax(0,1fr)] lg:gap-x-12">
        <nav aria-label={a.sections} className="no-print mb-6 lg:mb-0">
          <ul className="flex flex-wrap gap-x-5 border-b border-line lg:flex-col lg:gap-1 lg:border-0">
            {SECTIONS.map(({ name, href }) => (
              <li key={href}>
                <a
                  href={href}
                  aria-current={href === current ? "page" : undefined}
                  className="target -mb-px flex items-center border-transparent text-quiet hover:text-ink aria-[current]:border-given aria-[current]:font-semibold aria-[current]:text-ink max-lg:border-b-2 lg:border-s-2 lg:ps-3"
                >
                  {name}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <main id="content" className="min-w-0">
          {children}
        </main>
      </div>
    </div>
  );
}
