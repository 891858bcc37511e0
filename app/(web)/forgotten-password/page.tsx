import type { Metadata } from "next";
import { EmailForm } from "@/components/email-form";
import { EntryPage, PageHeading } from "@/components/entry-page";
import { ButtonLink } from "@/components/ui/button";
import { Tally, TallyUpper } from "@/components/ui/tally";
import { m } from "@/lib/web/messages";
import { type Query, queryText } from "@/lib/web/params";
import { askForLink } from "./actions";

export const metadata: Metadata = { title: m.forgotten.title };

/** The same words whether the address has an account or not. */
export default async function ForgottenPasswordPage({ searchParams }: { searchParams: Query }) {
  const isSent = (await queryText(searchParams, "sent")) === "1";
  return (
    <EntryPage>
      <Tally>
        <TallyUpper>
          {isSent ? (
            <>
              <PageHeading title={m.forgotten.sentTitle}>{m.forgotten.sent}</PageHeading>
              <p className="mb-5 text-quiet">{m.forgotten.notThere}</p>
              <ButtonLink href="/forgotten-password">{m.forgotten.again}</ButtonLink>
            </>
          ) : (
            <>
              <PageHeading title={m.forgotten.title}>{m.forgotten.intro}</PageHeading>
              <EmailForm action={askForLink} submit={m.forgotten.submit} />
            </>
          )}
        </TallyUpper>
      </Tally>
      <p className="-mt-2 px-5 sm:px-8">
        <a href="/sign-in" className="link link-alone">
          {m.forgotten.back}
        </a>
      </p>
    </EntryPage>
  );
}
