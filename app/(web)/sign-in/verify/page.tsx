import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { CodeForm } from "@/components/code-form";
import { EntryPage } from "@/components/entry-page";
import { SignOutForm } from "@/components/sign-out-form";
import { ButtonLink } from "@/components/ui/button";
import { VerifyCard } from "@/components/verify-card";
import { readChallenge } from "@/lib/core/challenges";
import { orUnavailable } from "@/lib/web/answer";
import { withCallbackUrl } from "@/lib/web/callback-url";
import { m } from "@/lib/web/messages";
import { type Query, queryCallbackUrl, queryText } from "@/lib/web/params";
import { readCaller } from "@/lib/web/session";
import { signOut } from "../../sign-out-action";
import { verify } from "./actions";

export const metadata: Metadata = { title: m.verify.heads.app.title };

/** The challenge of this request; without a live one nobody stays here. */
async function requireChallenge(callbackUrl: string) {
  const { ctx, signedIn, challengeToken } = await readCaller();
  if (signedIn) redirect(callbackUrl);
  if (challengeToken === null) redirect(withCallbackUrl("/sign-in", callbackUrl));
  const challenge = await orUnavailable(readChallenge(ctx, challengeToken));
  return challenge
    ? { ...challenge, issuer: ctx.settings.issuer }
    : redirect(withCallbackUrl("/sign-in/restart", callbackUrl));
}

export default async function VerifyPage({ searchParams }: { searchParams: Query }) {
  const callbackUrl = await queryCallbackUrl(searchParams);
  const wantsRecovery = (await queryText(searchParams, "with")) === "recovery";
  const { issuer, maskedEmail, isLocked, waitSeconds, canTrustBrowser } = await requireChallenge(callbackUrl);
  const kind = wantsRecovery ? "recovery" : isLocked ? "locked" : "app";
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
            {kind === "app" && (
              <a href={recoveryHref} className="link link-alone">
                {m.verify.useRecovery}
              </a>
            )}
            {kind === "recovery" && !isLocked && (
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
        {kind === "recovery" && <CodeForm {...form} kind="recovery" />}
        {kind === "locked" && (
          <ButtonLink tone="main" isWide href={recoveryHref}>
            {m.verify.useRecovery}
          </ButtonLink>
        )}
        {kind === "app" && (
          <CodeForm
            {...form}
            kind="app"
            canTrust={canTrustBrowser}
            initialRefusal={
              waitSeconds === null ? undefined : { code: "locked", retryAfterSeconds: waitSeconds }
            }
          />
        )}
      </VerifyCard>
    </EntryPage>
  );
}
