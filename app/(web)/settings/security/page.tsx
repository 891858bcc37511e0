import type { Metadata } from "next";
import { ActivityTable } from "@/components/activity-table";
import { AuthenticatorList } from "@/components/authenticator-list";
import { MailCodeStatus } from "@/components/mail-code-status";
import { RecoveryStatus } from "@/components/recovery-status";
import { Section } from "@/components/section";
import { SecurityStatus } from "@/components/security-status";
import { SessionList } from "@/components/session-list";
import { SettingsFrame } from "@/components/settings-frame";
import { TrustedBrowserList } from "@/components/trusted-browser-list";
import { ButtonLink } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { WaitingList } from "@/components/waiting-list";
import { readEmailConfirmation } from "@/lib/core/email-address";
import { listEvents } from "@/lib/core/events";
import { readRevealedCodes } from "@/lib/core/factors/recovery-codes";
import { listTotpFactors, listWaitingTotp } from "@/lib/core/factors/totp";
import { listSessions } from "@/lib/core/sessions";
import { listTrustedBrowsers } from "@/lib/core/trusted-browsers";
import { orUnavailable } from "@/lib/web/answer";
import { HOME } from "@/lib/web/callback-url";
import type { SignedInCaller } from "@/lib/web/caller";
import { dayInWords, momentInWords } from "@/lib/web/date-words";
import { doneSentence, m } from "@/lib/web/messages";
import { type Query, queryText } from "@/lib/web/params";
import { requireSignedIn } from "@/lib/web/session";
import { signOut } from "../../sign-out-action";
import {
  declineAuthenticator,
  makeRecoveryCodes,
  renameAuthenticator,
  revokeAllTrusted,
  revokeTrusted,
  signOutOne,
  signOutOthers,
} from "./actions";

export const metadata: Metadata = { title: m.security.title };

async function readPage({ ctx, signedIn }: SignedInCaller) {
  const [authenticators, waiting, sessions, trusted, { events }, revealed, confirmedAt] = await Promise.all([
    listTotpFactors(ctx, signedIn),
    listWaitingTotp(ctx, signedIn),
    listSessions(ctx, signedIn),
    listTrustedBrowsers(ctx, signedIn),
    listEvents(ctx, signedIn, { limit: 20 }),
    readRevealedCodes(ctx, signedIn),
    readEmailConfirmation(ctx, signedIn),
  ]);
  return { authenticators, waiting, sessions, trusted, events, hasRevealed: revealed !== null, confirmedAt };
}

type Authenticators = Awaited<ReturnType<typeof readPage>>["authenticators"];

/** "On since 3 Nov · last used today 14:03 · 8 of 10 recovery codes left". */
function statusLine(authenticators: Authenticators, codesLeft: number, now: Date): string {
  const since = authenticators[0]?.createdAt ?? now;
  const used = authenticators.map(({ lastUsedAt }) => lastUsedAt?.getTime() ?? 0);
  const lastUsed = new Date(Math.max(0, ...used));
  return [
    m.security.on(dayInWords(since, now)),
    lastUsed.getTime() > 0 ? m.security.lastUsed(momentInWords(lastUsed, now)) : m.security.neverUsed,
    m.security.codesLeft(codesLeft),
  ].join(" · ");
}

export default async function SecurityPage({ searchParams }: { searchParams: Query }) {
  const caller = await requireSignedIn(HOME);
  const { signedIn, ctx } = caller;
  const { isOn, recoveryCodesLeft } = signedIn.twoFactor;
  const { authenticators, waiting, sessions, trusted, events, hasRevealed, confirmedAt } =
    await orUnavailable(readPage(caller));
  const hasMailCodes = ctx.settings.emailCodes && !signedIn.user.isAdmin;
  const done = doneSentence(await queryText(searchParams, "done"));
  return (
    <SettingsFrame
      email={signedIn.user.email}
      current={HOME}
      mark={isOn ? "given" : "owed"}
      isAdmin={signedIn.user.isAdmin}
      signOut={signOut}
    >
      <h1 className="mb-5 text-2xl font-semibold tracking-tight">{m.security.title}</h1>
      {done && (
        <div className="mb-5">
          <Notice tone="given">{done}</Notice>
        </div>
      )}
      {isOn ? (
        <SecurityStatus isOn>{statusLine(authenticators, recoveryCodesLeft, ctx.now)}</SecurityStatus>
      ) : (
        <SecurityStatus
          isOn={false}
          action={
            <ButtonLink tone="main" href="/settings/security/authenticators/new">
              {m.security.turnOn}
            </ButtonLink>
          }
        >
          {m.security.off}
        </SecurityStatus>
      )}
      {waiting.length > 0 && (
        <Section id="waiting" title={m.security.waiting} intro={m.security.waitingIntro}>
          <WaitingList waiting={waiting} now={ctx.now} decline={declineAuthenticator} />
        </Section>
      )}
      {isOn && (
        <>
          <Section
            id="authenticators"
            title={m.security.authenticators}
            intro={m.security.authenticatorsIntro}
          >
            <AuthenticatorList
              authenticators={authenticators}
              now={ctx.now}
              rename={renameAuthenticator}
              keepsLast={signedIn.demand.isRequired}
            />
            <div className="mt-4">
              <ButtonLink href="/settings/security/authenticators/new">{m.security.add}</ButtonLink>
            </div>
          </Section>
          <Section id="recovery" title={m.security.recovery} intro={m.security.recoveryIntro}>
            <RecoveryStatus left={recoveryCodesLeft} hasRevealed={hasRevealed} make={makeRecoveryCodes} />
          </Section>
          {hasMailCodes && (
            <Section id="mail-codes" title={m.mailCodes.title}>
              <MailCodeStatus email={signedIn.user.email} isConfirmed={confirmedAt !== null} />
            </Section>
          )}
          {!signedIn.user.isAdmin && (
            <Section id="trusted" title={m.trusted.title} intro={m.trusted.intro}>
              <TrustedBrowserList
                browsers={trusted}
                now={ctx.now}
                revoke={revokeTrusted}
                revokeAll={revokeAllTrusted}
              />
            </Section>
          )}
        </>
      )}
      <Section id="browsers" title={m.security.sessions} intro={m.security.sessionsIntro}>
        <SessionList sessions={sessions} now={ctx.now} revoke={signOutOne} revokeOthers={signOutOthers} />
      </Section>
      {isOn && (
        <Section id="tokens" title={m.tokens.title} intro={m.tokens.intro}>
          <ButtonLink href={`${HOME}/api-tokens`}>{m.tokens.manage}</ButtonLink>
        </Section>
      )}
      <Section id="activity" title={m.security.activity} intro={m.security.activityIntro}>
        <ActivityTable events={events} owner={signedIn.user.id} now={ctx.now} />
        <a href={`${HOME}/activity`} className="link link-alone mt-3 inline-flex">
          {m.security.allActivity}
        </a>
      </Section>
      {isOn && (
        <div className="mt-10 border-t border-line pt-6">
          {signedIn.demand.isRequired ? (
            <p className="text-quiet">{m.security.required}</p>
          ) : (
            <>
              <a href="/settings/security/turn-off" className="link link-alone text-danger">
                {m.security.turnOff}
              </a>
              <p className="text-sm text-quiet">{m.security.turnOffNote}</p>
            </>
          )}
        </div>
      )}
    </SettingsFrame>
  );
}
