import type { Metadata } from "next";
import { AccountForm } from "@/components/account-form";
import { EntryPage, PageHeading } from "@/components/entry-page";
import { ButtonLink } from "@/components/ui/button";
import { Tally, TallyUpper } from "@/components/ui/tally";
import { canClaim } from "@/lib/core/installation";
import { orUnavailable, setAnswerStatus } from "@/lib/web/answer";
import { m } from "@/lib/web/messages";
import { type Query, queryText } from "@/lib/web/params";
import { readCaller } from "@/lib/web/session";
import { setUp } from "./actions";

export const metadata: Metadata = { title: m.setUp.title };

export default async function SetUpPage({ searchParams }: { searchParams: Query }) {
  const token = await queryText(searchParams, "token");
  const { ctx } = await readCaller();
  if (!(await orUnavailable(canClaim(ctx, token)))) {
    setAnswerStatus(404);
    return (
      <EntryPage>
        <div>
          <PageHeading title={m.setUp.goneTitle}>{m.setUp.gone}</PageHeading>
          <ButtonLink href="/sign-in">{m.signIn.title}</ButtonLink>
        </div>
      </EntryPage>
    );
  }
  return (
    <EntryPage>
      <Tally>
        <TallyUpper>
          <PageHeading title={m.setUp.title}>{m.setUp.intro}</PageHeading>
          <AccountForm action={setUp} hidden={{ token }} submit={m.setUp.submit} />
        </TallyUpper>
      </Tally>
    </EntryPage>
  );
}
