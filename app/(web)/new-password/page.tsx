import type { Metadata } from "next";
import { EntryCard, EntryPage, GonePage } from "@/components/entry-page";
import { NewPasswordForm } from "@/components/new-password-form";
import { readPasswordLink } from "@/lib/core/forgotten-password";
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
  const link = await orUnavailable(readPasswordLink(ctx, token));
  if (link === null) {
    setAnswerStatus(404);
    const way = { href: "/forgotten-password", link: m.newPassword.again };
    return <GonePage title={m.common.linkGone} text={m.newPassword.gone} {...way} />;
  }
  const [title, intro] = link.isInvitation
    ? [m.newPassword.invitedTitle, m.newPassword.invitedIntro]
    : [m.newPassword.title, m.newPassword.intro];
  return (
    <EntryPage>
      <EntryCard title={title} intro={intro}>
        <NewPasswordForm action={choosePassword} token={token} />
      </EntryCard>
    </EntryPage>
  );
}
