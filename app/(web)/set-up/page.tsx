import type { Metadata } from "next";
import { AccountForm } from "@/components/account-form";
import { EntryCard, EntryPage, GonePage } from "@/components/entry-page";
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
    return <GonePage title={m.common.linkGone} text={m.setUp.gone} href="/sign-in" link={m.signIn.title} />;
  }
  return (
    <EntryPage>
      <EntryCard title={m.setUp.title} intro={m.setUp.intro}>
        <AccountForm action={setUp} hidden={{ token }} submit={m.setUp.submit} />
      </EntryCard>
    </EntryPage>
  );
}
