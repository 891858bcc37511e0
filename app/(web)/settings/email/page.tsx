import type { Metadata } from "next";
import { ChangeEmailForm } from "@/components/change-email-form";
import { EmailStatus } from "@/components/email-status";
import { Section } from "@/components/section";
import { SettingsFrame } from "@/components/settings-frame";
import { Notice } from "@/components/ui/notice";
import { readEmailConfirmation } from "@/lib/core/email-address";
import { orUnavailable } from "@/lib/web/answer";
import { readKept } from "@/lib/web/kept-values";
import { doneSentence, m } from "@/lib/web/messages";
import { type Query, queryText } from "@/lib/web/params";
import { requireSignedIn } from "@/lib/web/session";
import { signOut } from "../../sign-out-action";
import { askToChange, askToConfirm } from "./actions";

export const metadata: Metadata = { title: m.email.title };

const PAGE = "/settings/email";

export default async function EmailPage({ searchParams }: { searchParams: Query }) {
  const caller = await requireSignedIn(PAGE);
  const { ctx, signedIn } = caller;
  const { email } = signedIn.user;
  const confirmedAt = await orUnavailable(readEmailConfirmation(ctx, signedIn));
  const kept = readKept(caller, PAGE, await queryText(searchParams, "kept"));
  const done = doneSentence(await queryText(searchParams, "done"));
  return (
    <SettingsFrame
      email={email}
      current={PAGE}
      mark={signedIn.twoFactor.isOn ? "given" : "owed"}
      isAdmin={signedIn.user.isAdmin}
      signOut={signOut}
    >
      <h1 className="text-2xl font-semibold tracking-tight">{m.email.title}</h1>
      <p className="mb-5 mt-2 text-quiet">{m.email.intro}</p>
      {done && (
        <div className="mb-5">
          <Notice tone="given">{done}</Notice>
        </div>
      )}
      <EmailStatus email={email} confirmedAt={confirmedAt} now={ctx.now} ask={askToConfirm} />
      <Section id="change" title={m.email.changeTitle} intro={m.email.changeIntro}>
        <div className="max-w-sm">
          <ChangeEmailForm action={askToChange} email={email} next={kept.get("email")} />
        </div>
      </Section>
    </SettingsFrame>
  );
}
