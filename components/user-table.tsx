import type { UserSummary } from "@/lib/core/user-summary";
import { a } from "@/lib/web/admin-messages";
import { dayInWords } from "@/lib/web/date-words";
import { AddressText } from "./address-text";
import { Moment } from "./moment";
import { DataTable } from "./ui/data-table";
import { UserMarks } from "./user-marks";

const COLUMNS = [
  { name: a.users.user },
  { name: a.users.twoFactor, isUnbroken: true },
  { name: a.users.number, isHiddenOnPhone: true },
  { name: a.users.made, isHiddenOnPhone: true, isUnbroken: true },
];

/** Accounts, each a link to all about it. */
export function UserTable({ users, now }: { users: UserSummary[]; now: Date }) {
  const rows = users.map((user) => ({
    id: user.id,
    cells: [
      <div key="user">
        <a href={`/admin/users/${user.id}`} className="link link-alone font-medium">
          <AddressText>{user.email}</AddressText>
        </a>
        <p className="text-sm text-quiet">
          {user.name && <span translate="no">{user.name}</span>} <UserMarks user={user} />
        </p>
      </div>,
      <TwoFactor key="2fa" user={user} />,
      <span key="number" className="font-mono text-sm">
        {user.number}
      </span>,
      <span key="made" className="text-sm text-quiet">
        <Moment at={user.createdAt} now={now} words={dayInWords(user.createdAt, now)} />
      </span>,
    ],
  }));
  return <DataTable label={a.users.title} columns={COLUMNS} rows={rows} />;
}

function TwoFactor({ user: { twoFactor } }: { user: UserSummary }) {
  if (!twoFactor.isOn) return <span className="font-medium text-owed">{a.users.off}</span>;
  return (
    <>
      <span className="font-medium text-given">{a.users.on}</span>
      <span className="text-sm text-quiet max-sm:hidden">
        {" "}
        · {a.users.authenticators(twoFactor.authenticators)}
      </span>
    </>
  );
}
