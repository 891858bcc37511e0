import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { CodeForm } from "@/components/code-form";
import { EntryPage } from "@/components/entry-page";
import { MailAgainForm, MailCodeForm } from "@/components/mail-code-form";
import { SignOutForm } from "@/components/sign-out-form";
import { ButtonLink } from "@/components/ui/button";
import { VerifyCard } from "@/components/verify-card";
import { canMailCode, readChallenge, type ShownChallenge } from "@/lib/core/read-challenge";
import type { Refusal } from "@/lib/core/refusals";
import { orUnavailable } from "@/lib/web/answer";
import { withCallbackUrl } from "@/lib/web/callback-url";
import { m } from "@/lib/web/messages";
import { type Query, queryCallbackUrl, queryText } from "@/lib/web/params";
import { placeOwed } from "@/lib/web/place-owed";
import { readCaller } from "@/lib/web/session";
import { signOut } from "../../sign-out-action";
import { mailCode, verify } from "./actions";

export const metadata: Metadata = { title: m.verify.heads.app.title };

/** The challenge of this request; without a live one nobody stays here. */
async function requireChallenge(callbackUrl: string) {
  const { ctx, signedIn, challengeToken } = await readCaller();
  if (signedIn) redirect(placeOwed(signedIn, callbackUrl) ?? callbackUrl);
  if (challengeToken === null) redirect(withCallbackUrl("/sign-in", callbackUrl));
  const challenge = await orUnavailable(readChallenge(ctx, challengeToken));
  return challenge
    ? { ...challenge, issuer: ctx.settings.issuer }
    : redirect(withCallbackUrl("/sign-in/restart", callbackUrl));
}

/** What the page asks for: what was wanted, where that can be had. */
function kindOf(wanted: string, challenge: ShownChallenge) {
  if (wanted === "recovery") return "recovery";
  if (challenge.isLocked) return "locked";
  return wanted === "mail" && challenge.isMailOffered && challenge.isCodeMailed ? "mail" : "app";
}

/** The account's wait, which holds back every code but a recovery code. */
function waitOf({ waitSeconds }: ShownChallenge): Refusal | undefined {
  return waitSeconds === null ? undefined : { code: "locked", retryAfterSeconds: waitSeconds };
}

export default async function VerifyPage({ searchParams }: { searchParams: Query }) {
  const callbackUrl = await queryCallbackUrl(searchParams);
  const wanted = await queryText(searchParams, "with");
  const challenge = await requireChallenge(callbackUrl);
  const { issuer, maskedEmail, isLocked } = challenge;
  const kind = kindOf(wanted, challenge);
  const recoveryHref = withCallbackUrl("/sign-in/verify?with=recovery", callbackUrl);
  const form = { action: verify, callbackUrl, submit: m.verify.submit };
  return (
    <EntryPage>
      <VerifyCard
        kind={kind}
        issuer={issuer}
        maskedEmail={maskedEmail}
        ways={
          <>
            {(kind === "app" || kind === "mail") && (
              <a href={recoveryHref} className="link link-alone">
                {m.verify.useRecovery}
              </a>
            )}
            {canMailCode(challenge) && kind !== "mail" && (
              <MailCodeForm action={mailCode} callbackUrl={callbackUrl} />
            )}
            {kind !== "app" && !isLocked && (
              <a href={withCallbackUrl("/sign-in/verify", callbackUrl)} className="link link-alone">
                {m.verify.useApp}
              </a>
            )}
            {isLocked && (
              <a href="/forgotten-password" className="link link-alone">
                {m.verify.newPassword}
              </a>
            )}
            <details>
              <summary className="link link-alone">{m.verify.noAccess}</summary>
              <p className="mb-2 mt-1 text-quiet">{m.verify.noAccessHelp}</p>
            </details>
            <div className="flex items-center gap-2 text-quiet">
              {m.verify.notYou} <SignOutForm action={signOut} />
            </div>
          </>
        }
      >
        {kind === "locked" ? (
          <ButtonLink tone="main" isWide href={recoveryHref}>
            {m.verify.useRecovery}
          </ButtonLink>
        ) : (
          <CodeForm
            {...form}
            kind={kind}
            canTrust={kind === "app" && challenge.canTrustBrowser}
            initialRefusal={kind === "recovery" ? undefined : waitOf(challenge)}
          />
        )}
        {kind === "mail" && (
          <MailAgainForm action={mailCode} callbackUrl={callbackUrl} seconds={challenge.mailAgainSeconds} />
        )}
      </VerifyCard>
    </EntryPage>
  );
}
