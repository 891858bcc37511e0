import type { Metadata } from "next";
import { EntryCard, EntryPage, GonePage } from "@/components/entry-page";
import { SmallForm } from "@/components/small-form";
import { readEmailLink } from "@/lib/core/email-address";
import { orUnavailable, setAnswerStatus } from "@/lib/web/answer";
import { m } from "@/lib/web/messages";
import { type Query, queryText } from "@/lib/web/params";
import { readCaller } from "@/lib/web/session";
import { confirm } from "./actions";

export const metadata: Metadata = { title: m.confirmEmail.title };

/** Where the link in a mail leads. Opening it uses nothing up, as programs that read mails do it, too; the form does. */
export default async function ConfirmEmailPage({ searchParams }: { searchParams: Query }) {
  const token = await queryText(searchParams, "token");
  const { ctx } = await readCaller();
  const link = await orUnavailable(readEmailLink(ctx, token));
  if (link === null) {
    setAnswerStatus(404);
    const way = { href: "/settings/email", link: m.email.title };
    return <GonePage title={m.common.linkGone} text={m.confirmEmail.gone} {...way} />;
  }
  const intro = link.isChange ? m.confirmEmail.changeIntro : m.confirmEmail.intro;
  return (
    <EntryPage>
      <EntryCard title={m.confirmEmail.title} intro={intro}>
        <p className="mb-5 break-words text-lg font-semibold" translate="no">
          {link.email}
        </p>
        <SmallForm action={confirm} submit={m.confirmEmail.submit} tone="main" hidden={{ token }} />
      </EntryCard>
    </EntryPage>
  );
}
