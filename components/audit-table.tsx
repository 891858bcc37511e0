import type { AuditEvent } from "@/lib/core/audit-log";
import { a } from "@/lib/web/admin-messages";
import { partyInWords, wayInWords } from "@/lib/web/audit-words";
import { exactTime } from "@/lib/web/date-words";
import { eventInWords } from "@/lib/web/messages";
import { AddressText } from "./address-text";
import { AuditDetails } from "./audit-details";

const HEAD = "py-2 pe-4 text-start text-sm font-medium text-quiet";
const CELL = "py-2 pe-4 text-start text-sm [overflow-wrap:anywhere]";

/**
 * Events of all accounts, each a group of two rows, of which the second has the details. Who it is about and who did it
 * stand under the event where there is no column for them; what else a narrow screen leaves out is in the details.
 */
export function AuditTable({ events }: { events: readonly AuditEvent[] }) {
  return (
    <table className="w-full divide-y divide-line border-y border-line text-start">
      <thead>
        <tr>
          <th scope="col" className={`${HEAD} w-24`}>
            {a.audit.when}
          </th>
          <th scope="col" className={HEAD}>
            {a.audit.kind}
          </th>
          <th scope="col" className={`${HEAD} w-40 max-md:hidden`}>
            {a.audit.person}
          </th>
          <th scope="col" className={`${HEAD} w-40 max-lg:hidden`}>
            {a.audit.actor}
          </th>
          <th scope="col" className={`${HEAD} w-20 max-md:hidden`}>
            {a.audit.via}
          </th>
          <th scope="col" className={`${HEAD} w-32 max-xl:hidden`}>
            {a.audit.address}
          </th>
        </tr>
      </thead>
      {events.map((event) => (
        <EventRows key={event.id} event={event} />
      ))}
    </table>
  );
}

function EventRows({ event }: { event: AuditEvent }) {
  const { createdAt, kind, person, actor, via, address, details } = event;
  const words = eventInWords(kind, details);
  const hasOtherActor = actor !== null && actor.id !== person?.id;
  return (
    <tbody>
      <tr className="align-top">
        <td className="pb-1 pe-4 pt-2 text-start text-sm tabular-nums">
          <time dateTime={createdAt.toISOString()} title={exactTime(createdAt)}>
            <span className="whitespace-nowrap">{createdAt.toISOString().slice(0, 10)}</span>{" "}
            <span className="whitespace-nowrap text-quiet">{createdAt.toISOString().slice(11, 19)}</span>
          </time>
        </td>
        <td className="pb-1 pe-4 pt-2 text-start [overflow-wrap:anywhere]">
          {words}
          <span className="block font-mono text-sm text-quiet" translate="no">
            {kind}
          </span>
          <span className="block text-sm md:hidden">
            <span className="text-quiet">{a.audit.person}:</span>{" "}
            <AddressText>{partyInWords(person)}</AddressText>
          </span>
          {hasOtherActor && (
            <span className="block text-sm lg:hidden">
              <span className="text-quiet">{a.user.by}</span> <AddressText>{partyInWords(actor)}</AddressText>
            </span>
          )}
        </td>
        <td className={`${CELL} max-md:hidden`}>
          <AddressText>{partyInWords(person)}</AddressText>
        </td>
        <td className={`${CELL} max-lg:hidden`}>
          <AddressText>{partyInWords(actor)}</AddressText>
        </td>
        <td className={`${CELL} max-md:hidden`}>{wayInWords(via)}</td>
        <td className={`${CELL} max-xl:hidden`}>
          <AddressText>{address}</AddressText>
        </td>
      </tr>
      <tr>
        <td className="max-sm:hidden" />
        <td colSpan={5} className="pb-2">
          <AuditDetails event={event} words={words} />
        </td>
      </tr>
    </tbody>
  );
}
