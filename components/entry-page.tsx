import type { ReactNode } from "react";
import { ButtonLink } from "./ui/button";
import { Tally, TallyUpper } from "./ui/tally";
import { Wordmark } from "./wordmark";

/** A page on the way in: one column, one thing to do. */
export function EntryPage({
  state = "owed",
  children,
}: {
  state?: "owed" | "given" | "closes";
  children: ReactNode;
}) {
  return (
    <div className="mx-auto flex min-h-dvh w-full max-w-[29rem] flex-col px-4 pb-12 sm:px-6">
      <header className="py-4 sm:pb-10 sm:pt-12">
        <Wordmark state={state} />
      </header>
      <main id="content" className="flex flex-col gap-6">
        {children}
      </main>
    </div>
  );
}

/** The heading of a page and what stands under it. */
export function PageHeading({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="mb-5">
      <h1 className="text-2xl font-semibold tracking-tight">{title}</h1>
      {children && <p className="mt-2 text-quiet">{children}</p>}
    </div>
  );
}

type CardProps = { title: string; intro?: string; children: ReactNode };

/** The one sheet of an entry page: what it is about, and what there is to do. */
export function EntryCard({ title, intro, children }: CardProps) {
  return (
    <Tally>
      <TallyUpper>
        <PageHeading title={title}>{intro}</PageHeading>
        {children}
      </TallyUpper>
    </Tally>
  );
}

/** A page on which there is nothing to do, or nothing more: why, and the way on. */
export function GonePage(props: { title: string; text: string; href: string; link: string }) {
  return (
    <EntryPage>
      <div>
        <PageHeading title={props.title}>{props.text}</PageHeading>
        <ButtonLink href={props.href}>{props.link}</ButtonLink>
      </div>
    </EntryPage>
  );
}
