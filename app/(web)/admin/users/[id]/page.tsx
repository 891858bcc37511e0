import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { AdminFrame } from "@/components/admin-frame";
import { AdministratorsOnly } from "@/components/administrators-only";
import { Section } from "@/components/section";
import { ButtonLink } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { UserSessions, UserTokens, UserTrustedBrowsers } from "@/components/user-access";
import { UserAccount } from "@/components/user-account";
import { UserActs } from "@/components/user-acts";
import { UserEvents } from "@/components/user-events";
import { UserFactors } from "@/components/user-factors";
import { UserLimits } from "@/components/user-limits";
import { readUser, type UserDetails } from "@/lib/core/admin/read-user";
import { isId } from "@/lib/core/ids";
import { a, adminDoneSentence } from "@/lib/web/admin-messages";
import { HOME } from "@/lib/web/callback-url";
import { type Query, queryText } from "@/lib/web/params";
import { requireAdministrator } from "@/lib/web/session";
import { signOut } from "../../../sign-out-action";
import { mailInvitation } from "./actions";
import { orNotFound } from "./read-account";

export const metadata: Metadata = { title: a.users.user };

type Props = { params: Promise<{ id: string }>; searchParams: Query };

/** All about one account, and the way to what can be done to it. */
export default async function UserPage({ params, searchParams }: Props) {
  const { id } = await params;
  const caller = await requireAdministrator(`/admin/users/${id}`);
  if (caller === null) return <AdministratorsOnly />;
  if (!isId(id)) notFound();
  const { ctx, signedIn } = caller;
  const user = await orNotFound(readUser(ctx, signedIn, id));
  const done = adminDoneSentence(await queryText(searchParams, "done"));
  const isOwn = id === signedIn.user.id;
  return (
    <AdminFrame email={signedIn.user.email} current="/admin/users" signOut={signOut}>
      <h1 className="mb-5 break-words text-2xl font-semibold tracking-tight" translate="no">
        {user.name ?? user.email}
      </h1>
      {done && (
        <div className="mb-5">
          <Notice tone="given">{done}</Notice>
        </div>
      )}
      <UserAccount user={user} now={ctx.now} />
      <div className="mt-5">
        {isOwn ? (
          <OwnAccount />
        ) : (
          <UserActs
            user={{ ...user, hasFactors: user.twoFactor.authenticators > 0 }}
            inviteAgain={mailInvitation}
          />
        )}
      </div>
      <Details user={user} isOwn={isOwn} now={ctx.now} />
    </AdminFrame>
  );
}

function OwnAccount() {
  return (
    <>
      <p className="mb-3 text-quiet">{a.user.ownAccount}</p>
      <ButtonLink href={HOME}>{a.user.ownSettings}</ButtonLink>
    </>
  );
}

function Details({ user, isOwn, now }: { user: UserDetails; isOwn: boolean; now: Date }) {
  return (
    <>
      <Section
        id="factors"
        title={a.user.factors}
        {...(user.factors.length > 0 && { intro: a.user.factorNumbers })}
      >
        <UserFactors user={user} isOwn={isOwn} now={now} />
      </Section>
      <Section id="limits" title={a.user.lock}>
        <UserLimits lock={user.lock} now={now} />
      </Section>
      <Section id="sessions" title={a.user.sessions}>
        <UserSessions user={user} now={now} />
      </Section>
      <Section id="trusted" title={a.user.trusted}>
        <UserTrustedBrowsers user={user} now={now} />
      </Section>
      <Section id="tokens" title={a.user.tokens}>
        <UserTokens user={user} now={now} />
      </Section>
      <Section id="events" title={a.user.events}>
        <UserEvents user={user} now={now} />
      </Section>
    </>
  );
}
