import type { Metadata } from "next";
import { EntryPage, PageHeading } from "@/components/entry-page";
import { NewPasswordForm } from "@/components/new-password-form";
import { ButtonLink } from "@/components/ui/button";
import { Tally, TallyUpper } from "@/components/ui/tally";
import { canChooseNewPassword } from "@/lib/core/forgotten-password";
import { orUnavailable, setAnswerStatus } from "@/lib/web/answer";
import { m } from "@/lib/web/messages";
import { type Query, queryText } from "@/lib/web/params";
import { readCaller } from "@/lib/web/session";
import { choosePassword } from "./actions";

export const metadata: Metadata = { title: m.newPassword.title };

/** Where the link in a mail leads. Opening it uses nothing up; the form does. */
export default async function NewPasswordPage({ searchParams }: { searchParams: Query }) {
  const token = await queryText(searchParams, "token");
  const { ctx } = await readCaller();
  if (!(await orUnavailable(canChooseNewPassword(ctx, token)))) {
    setAnswerStatus(404);
    return (
      <EntryPage>
        <div>
          <PageHeading title={m.newPassword.goneTitle}>{m.newPassword.gone}</PageHeading>
          <ButtonLink href="/forgotten-password">{m.forgotten.again}</ButtonLink>
        </div>
      </EntryPage>
    );
  }
  return (
    <EntryPage>
      <Tally>
        <TallyUpper>
          <PageHeading title={m.newPassword.title}>{m.newPassword.intro}</PageHeading>
          <NewPasswordForm action={choosePassword} token={token} />
        </TallyUpper>
      </Tally>
    </EntryPage>
  );
}
