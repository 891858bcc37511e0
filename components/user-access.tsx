import type { UserDetails } from "@/lib/core/admin/read-user";
import { a } from "@/lib/web/admin-messages";
import { dayInWords, momentInWords } from "@/lib/web/date-words";
import { userAgentInWords } from "@/lib/web/user-agent-words";
import { Moment } from "./moment";
import { DataTable } from "./ui/data-table";

type Props = { user: UserDetails; now: Date };

const BROWSER = { name: a.user.browser };
const ADDRESS = { name: a.user.address, isHiddenOnPhone: true };

/** Where somebody is signed in. */
export function UserSessions({ user: { sessions }, now }: Props) {
  if (sessions.length === 0) return <p>{a.user.noSessions}</p>;
  const columns = [BROWSER, ADDRESS, { name: a.user.signedIn, isHiddenOnPhone: true }, { name: a.user.seen }];
  const rows = sessions.map(({ id, userAgent, address, createdAt, lastSeenAt }) => ({
    id,
    cells: [
      userAgentInWords(userAgent),
      <Code key="address">{address}</Code>,
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
    { name: a.user.used, isHiddenOnPhone: true },
    { name: a.user.trustedUntil },
  ];
  const rows = trustedBrowsers.map(({ id, userAgent, address, lastUsedAt, expiresAt }) => ({
    id,
    cells: [
      userAgentInWords(userAgent),
      <Code key="address">{address}</Code>,
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
    { name: a.user.used, isHiddenOnPhone: true },
    { name: a.user.expires },
  ];
  const rows = apiTokens.map(({ id, name, scopes, lastUsedAt, expiresAt }) => ({
    id,
    cells: [
      <span key="name" translate="no">
        {name}
      </span>,
      <Code key="scopes">{scopes.join(", ")}</Code>,
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

function Code({ children }: { children: string }) {
  return (
    <span className="font-mono text-sm" translate="no">
      {children}
    </span>
  );
}
