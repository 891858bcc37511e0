import type { Metadata } from "next";
import { EntryPage, PageHeading } from "@/components/entry-page";
import { ButtonLink } from "@/components/ui/button";
import { m } from "@/lib/web/messages";

export const metadata: Metadata = { title: m.errors.notFoundTitle };

export default function NotFound() {
  return (
    <EntryPage>
      <div>
        <PageHeading title={m.errors.notFoundTitle}>{m.errors.notFound}</PageHeading>
        <ButtonLink href="/">{m.errors.start}</ButtonLink>
      </div>
    </EntryPage>
  );
}
