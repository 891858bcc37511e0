import type { UserDetails } from "@/lib/core/admin/read-user";
import { a } from "@/lib/web/admin-messages";
import { eventInWords, reasonIn } from "@/lib/web/messages";
import { AddressText } from "./address-text";
import { Moment } from "./moment";
import { DataTable } from "./ui/data-table";

const COLUMNS = [
  { name: a.user.event },
  { name: a.user.actor, isHiddenOnPhone: true, isAddress: true },
  { name: a.user.address, isHiddenOnPhone: true, isAddress: true },
  { name: a.user.when, isUnbroken: true },
];

/** What happened to an account lately, and who did it. */
export function UserEvents({ user, now }: { user: UserDetails; now: Date }) {
  const rows = user.events.map(({ id, kind, details, actor, via, address, createdAt }) => {
    const reason = reasonIn(details);
    const other = actor === user.id || actor === null ? null : (user.people.get(actor) ?? actor);
    return {
      id,
      cells: [
        <div key="event">
          {eventInWords(kind, details)}
          {other && (
            <p className="text-sm text-quiet sm:hidden">
              {a.user.by} <AddressText>{other}</AddressText>
            </p>
          )}
          {reason && <p className="text-sm text-quiet">{a.user.reasonGiven(reason)}</p>}
        </div>,
        <div key="actor" className="text-sm">
          {other ? <AddressText>{other}</AddressText> : a.user.owner}
        </div>,
        <div key="address" className="text-sm text-quiet">
          <AddressText>{via === "pages" ? address : `${via} ${address}`}</AddressText>
        </div>,
        <span key="when" className="text-sm text-quiet">
          <Moment at={createdAt} now={now} />
        </span>,
      ],
    };
  });
  return (
    <>
      <DataTable label={a.user.events} columns={COLUMNS} rows={rows} />
      <a href={`/admin/audit?person=${user.id}`} className="link link-alone mt-3 inline-flex">
        {a.user.allEvents}
      </a>
    </>
  );
}
