import type { Metadata } from "next";
import { EmailForm } from "@/components/email-form";
import { EntryCard, EntryPage } from "@/components/entry-page";
import { ButtonLink } from "@/components/ui/button";
import { m } from "@/lib/web/messages";
import { type Query, queryText } from "@/lib/web/params";
import { askForLink } from "./actions";

export const metadata: Metadata = { title: m.forgotten.title };

/** The same words whether the address has an account or not. */
export default async function ForgottenPasswordPage({ searchParams }: { searchParams: Query }) {
  const isSent = (await queryText(searchParams, "sent")) === "1";
  return (
    <EntryPage>
      {isSent ? (
        <EntryCard title={m.forgotten.sentTitle} intro={m.forgotten.sent}>
          <p className="mb-5 text-quiet">{m.forgotten.notThere}</p>
          <ButtonLink href="/forgotten-password">{m.forgotten.again}</ButtonLink>
        </EntryCard>
      ) : (
        <EntryCard title={m.forgotten.title} intro={m.forgotten.intro}>
          <EmailForm action={askForLink} submit={m.forgotten.submit} />
        </EntryCard>
      )}
      <p className="-mt-2 px-5 sm:px-8">
        <a href="/sign-in" className="link link-alone">
          {m.forgotten.back}
        </a>
      </p>
    </EntryPage>
  );
}
