import type { UserDetails } from "@/lib/core/admin/read-user";
import { a } from "@/lib/web/admin-messages";
import { eventInWords, reasonIn } from "@/lib/web/messages";
import { Moment } from "./moment";
import { DataTable } from "./ui/data-table";

const COLUMNS = [
  { name: a.user.event },
  { name: a.user.actor, isHiddenOnPhone: true },
  { name: a.user.address, isHiddenOnPhone: true },
  { name: a.user.when },
];

/** What happened to an account lately, and who did it. */
export function UserEvents({ user, now }: { user: UserDetails; now: Date }) {
  const rows = user.events.map(({ id, kind, details, actor, via, address, createdAt }) => {
    const reason = reasonIn(details);
    return {
      id,
      cells: [
        <div key="event">
          {eventInWords(kind, details)}
          {reason && <p className="text-sm text-quiet">{a.user.reasonGiven(reason)}</p>}
        </div>,
        <span key="actor" className="text-sm" translate="no">
          {actor === user.id || actor === null ? a.user.owner : (user.people.get(actor) ?? actor)}
        </span>,
        <span key="address" className="text-sm text-quiet" translate="no">
          {via === "pages" ? address : `${via} ${address}`}
        </span>,
        <span key="when" className="whitespace-nowrap text-sm text-quiet">
          <Moment at={createdAt} now={now} />
        </span>,
      ],
    };
  });
  return <DataTable label={a.user.events} columns={COLUMNS} rows={rows} />;
}
