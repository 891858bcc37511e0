import { Fragment } from "react";
import type { UserDetails } from "@/lib/core/admin/read-user";
import { a } from "@/lib/web/admin-messages";
import { dayInWords, momentInWords } from "@/lib/web/date-words";
import { userAgentInWords } from "@/lib/web/user-agent-words";
import { AddressText } from "./address-text";
import { Moment } from "./moment";
import { DataTable } from "./ui/data-table";

type Props = { user: UserDetails; now: Date };

const BROWSER = { name: a.user.browser };
const ADDRESS = { name: a.user.address, isHiddenOnPhone: true, isAddress: true };

/** Where somebody is signed in. */
export function UserSessions({ user: { sessions }, now }: Props) {
  if (sessions.length === 0) return <p>{a.user.noSessions}</p>;
  const columns = [
    BROWSER,
    ADDRESS,
    { name: a.user.signedIn, isHiddenOnPhone: true, isUnbroken: true },
    { name: a.user.seen, isUnbroken: true },
  ];
  const rows = sessions.map(({ id, userAgent, address, createdAt, lastSeenAt }) => ({
    id,
    cells: [
      userAgentInWords(userAgent),
      <div key="address" className="font-mono text-sm">
        <AddressText>{address}</AddressText>
      </div>,
      <Moment key="created" at={createdAt} now={now} words={momentInWords(createdAt, now)} />,
      <Moment key="seen" at={lastSeenAt} now={now} words={momentInWords(lastSeenAt, now)} />,
    ],
  }));
  return <DataTable label={a.user.sessions} columns={columns} rows={rows} />;
}

/** In which browsers nobody is asked for a code. */
export function UserTrustedBrowsers({ user: { trustedBrowsers }, now }: Props) {
  if (trustedBrowsers.length === 0) return <p>{a.user.noTrusted}</p>;
  const columns = [
    BROWSER,
    ADDRESS,
    { name: a.user.used, isHiddenOnPhone: true, isUnbroken: true },
    { name: a.user.trustedUntil, isUnbroken: true },
  ];
  const rows = trustedBrowsers.map(({ id, userAgent, address, lastUsedAt, expiresAt }) => ({
    id,
    cells: [
      userAgentInWords(userAgent),
      <div key="address" className="font-mono text-sm">
        <AddressText>{address}</AddressText>
      </div>,
      <Moment key="used" at={lastUsedAt} now={now} words={momentInWords(lastUsedAt, now)} />,
      <Moment key="until" at={expiresAt} now={now} words={dayInWords(expiresAt, now)} />,
    ],
  }));
  return <DataTable label={a.user.trusted} columns={columns} rows={rows} />;
}

/** What programs act for somebody with: names and scopes, never a token. */
export function UserTokens({ user: { apiTokens }, now }: Props) {
  if (apiTokens.length === 0) return <p>{a.user.noTokens}</p>;
  const columns = [
    { name: a.user.token },
    { name: a.user.scopes, isHiddenOnPhone: true },
    { name: a.user.used, isHiddenOnPhone: true, isUnbroken: true },
    { name: a.user.expires, isUnbroken: true },
  ];
  const rows = apiTokens.map(({ id, name, scopes, lastUsedAt, expiresAt }) => ({
    id,
    cells: [
      <span key="name" translate="no">
        {name}
      </span>,
      <span key="scopes" className="font-mono text-sm" translate="no">
        {scopes.map((scope, index) => (
          <Fragment key={scope}>
            <span className="whitespace-nowrap">{index < scopes.length - 1 ? `${scope},` : scope}</span>{" "}
          </Fragment>
        ))}
      </span>,
      lastUsedAt ? (
        <Moment key="used" at={lastUsedAt} now={now} words={momentInWords(lastUsedAt, now)} />
      ) : (
        a.user.neverUsed
      ),
      <Moment key="until" at={expiresAt} now={now} words={dayInWords(expiresAt, now)} />,
    ],
  }));
  return <DataTable label={a.user.tokens} columns={columns} rows={rows} />;
}
