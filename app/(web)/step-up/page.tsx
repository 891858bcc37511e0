import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { CodeForm } from "@/components/code-form";
import { EntryPage } from "@/components/entry-page";
import { PasswordProofForm } from "@/components/password-proof-form";
import { Tally, TallyUpper } from "@/components/ui/tally";
import { owedFirst } from "@/lib/core/access/guard";
import { HOME, withCallbackUrl } from "@/lib/web/callback-url";
import { m } from "@/lib/web/messages";
import { type Query, queryCallbackUrl, queryText } from "@/lib/web/params";
import { placeOwed } from "@/lib/web/place-owed";
import { requireSignedIn } from "@/lib/web/session";
import { stepUp } from "./actions";

export const metadata: Metadata = { title: m.stepUp.title };

export default async function StepUpPage({ searchParams }: { searchParams: Query }) {
  const callbackUrl = await queryCallbackUrl(searchParams);
  const { ctx, signedIn } = await requireSignedIn(withCallbackUrl("/step-up", callbackUrl));
  if (signedIn.isProofFresh) redirect(placeOwed(signedIn, callbackUrl) ?? callbackUrl);
  const isRecovery = (await queryText(searchParams, "with")) === "recovery";
  const kind = isRecovery ? "recovery" : "app";
  const other = isRecovery ? "/step-up" : "/step-up?with=recovery";
  const form = { action: stepUp, callbackUrl, submit: m.stepUp.submit };
  const { isOn } = signedIn.twoFactor;
  const isConsole = /^\/admin(?:\/|$)/.test(callbackUrl);
  const words = isConsole ? m.stepUp.onOthers : m.stepUp;
  return (
    <EntryPage>
      <Tally>
        <TallyUpper>
          <h1 className="text-2xl font-semibold tracking-tight">{m.stepUp.title}</h1>
          <p className="mb-5 mt-2 text-quiet">
            {isOn ? (isRecovery ? words.byRecovery : words.byCode) : m.stepUp.byPassword}{" "}
            {isOn && (
              <strong className="font-semibold text-ink" translate="no">
                {ctx.settings.issuer} ({signedIn.user.email}).
              </strong>
            )}
          </p>
          {isOn ? (
            <CodeForm {...form} kind={kind} />
          ) : (
            <PasswordProofForm {...form} email={signedIn.user.email} />
          )}
          <div className="mt-5 flex flex-col items-start gap-1 border-t border-line pt-4">
            {isOn && (
              <a href={withCallbackUrl(other, callbackUrl)} className="link link-alone">
                {isRecovery ? m.verify.useApp : m.verify.useRecovery}
              </a>
            )}
            {owedFirst(signedIn) === null && (
              <a href={isConsole ? "/admin/users" : HOME} className="link link-alone">
                {isConsole ? m.stepUp.toConsole : m.common.back}
              </a>
            )}
          </div>
        </TallyUpper>
      </Tally>
    </EntryPage>
  );
}
