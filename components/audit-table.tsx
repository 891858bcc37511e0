import type { AuditEvent } from "@/lib/core/audit-log";
import { a } from "@/lib/web/admin-messages";
import { partyInWords, wayInWords } from "@/lib/web/audit-words";
import { exactTime } from "@/lib/web/date-words";
import { eventInWords } from "@/lib/web/messages";
import { AddressText } from "./address-text";
import { AuditDetails } from "./audit-details";

const HEAD = "py-2 pe-4 text-start text-sm font-medium text-quiet";
const CELL = "py-2 pe-4 text-start text-sm [overflow-wrap:anywhere]";

/** Events of all accounts. What a narrow screen has no column for stands in each event's details. */
export function AuditTable({ events }: { events: readonly AuditEvent[] }) {
  return (
    <table className="w-full border-y border-line text-start">
      <thead>
        <tr className="border-b border-line">
          <th scope="col" className={HEAD}>
            {a.audit.when}
          </th>
          <th scope="col" className={HEAD}>
            {a.audit.kind}
          </th>
          <th scope="col" className={`${HEAD} w-1/5 max-md:hidden`}>
            {a.audit.person}
          </th>
          <th scope="col" className={`${HEAD} w-1/5 max-lg:hidden`}>
            {a.audit.actor}
          </th>
          <th scope="col" className={`${HEAD} whitespace-nowrap max-md:hidden`}>
            {a.audit.via}
          </th>
          <th scope="col" className={`${HEAD} max-xl:hidden`}>
            {a.audit.address}
          </th>
        </tr>
      </thead>
      <tbody className="divide-y divide-line">
        {events.map((event) => (
          <EventRow key={event.id} event={event} />
        ))}
      </tbody>
    </table>
  );
}

function EventRow({ event }: { event: AuditEvent }) {
  const { createdAt, kind, person, actor, via, address, details } = event;
  const words = eventInWords(kind, details);
  return (
    <tr className="align-top">
      <td className="w-0 py-2 pe-4 text-start text-sm tabular-nums">
        <time dateTime={createdAt.toISOString()} title={exactTime(createdAt)}>
          <span className="whitespace-nowrap">{createdAt.toISOString().slice(0, 10)}</span>{" "}
          <span className="whitespace-nowrap text-quiet">{createdAt.toISOString().slice(11, 19)}</span>
        </time>
      </td>
      <td className="py-2 pe-4 text-start [overflow-wrap:anywhere]">
        {words}
        <span className="block font-mono text-sm text-quiet" translate="no">
          {kind}
        </span>
        <span className="block text-sm md:hidden">
          <AddressText>{partyInWords(person)}</AddressText>
        </span>
        <AuditDetails event={event} words={words} />
      </td>
      <td className={`${CELL} max-md:hidden`}>
        <AddressText>{partyInWords(person)}</AddressText>
      </td>
      <td className={`${CELL} max-lg:hidden`}>
        <AddressText>{partyInWords(actor)}</AddressText>
      </td>
      <td className="py-2 pe-4 text-start text-sm max-md:hidden">{wayInWords(via)}</td>
      <td className={`${CELL} max-xl:hidden`} translate="no">
        {address}
      </td>
    </tr>
  );
}
