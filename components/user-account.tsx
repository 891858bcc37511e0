import type { ReactNode } from "react";
import type { UserDetails } from "@/lib/core/admin/read-user";
import { a } from "@/lib/web/admin-messages";
import { dayInWords, fullDate, momentInWords } from "@/lib/web/date-words";
import { AddressText } from "./address-text";
import { Moment } from "./moment";
import { TwoFactorState } from "./two-factor-state";

type Props = { user: UserDetails; now: Date };

/** What there is to say of an account by itself. */
export function UserAccount({ user, now }: Props) {
  const { email, emailVerifiedAt, name, number, id, isAdmin, createdAt } = user;
  return (
    <dl className="divide-y divide-line border-y border-line">
      <Fact name={a.user.email}>
        <AddressText>{email}</AddressText>{" "}
        <span className="text-quiet">
          (
          {emailVerifiedAt ? (
            <Moment
              at={emailVerifiedAt}
              now={now}
              words={a.user.confirmed(dayInWords(emailVerifiedAt, now))}
            />
          ) : (
            a.user.unconfirmed
          )}
          )
        </span>
      </Fact>
      {name && (
        <Fact name={a.user.name}>
          <span translate="no">{name}</span>
        </Fact>
      )}
      <Fact name={a.user.role}>{isAdmin ? a.users.administrator : a.user.plain}</Fact>
      <Fact name={a.user.state}>
        <State user={user} now={now} />
      </Fact>
      <Fact name={a.user.twoFactor}>
        <TwoFactor user={user} now={now} />
      </Fact>
      <Fact name={a.user.number}>
        <span className="font-mono text-sm">{number}</span>{" "}
        <span className="text-quiet">({a.user.numberHint})</span>
      </Fact>
      <Fact name={a.user.id}>
        <span className="font-mono text-sm">{id}</span>
      </Fact>
      <Fact name={a.users.made}>
        <Moment at={createdAt} now={now} words={fullDate(createdAt)} />
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="gap-x-4 py-1.5 sm:grid sm:grid-cols-[14rem_minmax(0,1fr)]">
      <dt className="text-quiet max-sm:text-sm">{name}</dt>
      <dd className="[overflow-wrap:anywhere]">{children}</dd>
    </div>
  );
}

function State({ user, now }: Props) {
  const { disabledAt, invitation, passwordChangeDemandedAt } = user;
  if (disabledAt)
    return (
      <strong className="font-semibold text-danger">
        <Moment at={disabledAt} now={now} words={a.user.disabledSince(momentInWords(disabledAt, now))} />
      </strong>
    );
  const endsAt = invitation?.endsAt;
  return (
    <>
      {invitation === null && a.user.active}
      {endsAt && <Moment at={endsAt} now={now} words={a.user.invited(dayInWords(endsAt, now))} />}
      {invitation && !endsAt && a.user.invitedLapsed}
      {passwordChangeDemandedAt && <span className="text-owed"> · {a.user.mustChange}</span>}
    </>
  );
}

function TwoFactor({ user: { twoFactor, twoFactorSince: since, standing }, now }: Props) {
  const { isOn, recoveryCodesLeft } = twoFactor;
  return (
    <>
      <strong className="font-semibold">
        <TwoFactorState standing={{ ...standing, isOn, since }} now={now} />
      </strong>
      {isOn && ` · ${a.user.codesLeft(recoveryCodesLeft)}`}
    </>
  );
}
