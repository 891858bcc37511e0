import type { WayIn } from "@/lib/core/context";
import { a } from "@/lib/web/admin-messages";
import { eventInWords, m } from "@/lib/web/messages";
import { userAgentInWords } from "@/lib/web/user-agent-words";
import { Moment } from "./moment";

export type ShownEvent = {
  id: string;
  createdAt: Date;
  kind: string;
  actor: string | null;
  via: string;
  address: string;
  userAgent: string;
  details: unknown;
};

/** What happened to `owner`'s account, as they read it. On a phone the column of places is left out, unless it was not they. */
export function ActivityTable({ events, owner, now }: { events: ShownEvent[]; owner: string; now: Date }) {
  return (
    <table className="w-full border-y border-line text-start">
      <thead className="sr-only">
        <tr>
          <th scope="col">{m.security.what}</th>
          <th scope="col">{m.security.where}</th>
          <th scope="col">{m.security.when}</th>
        </tr>
      </thead>
      <tbody className="divide-y divide-line">
        {events.map((event) => (
          <tr key={event.id} className="align-baseline">
            <td className="py-2 pe-4 text-start">
              {eventInWords(event.kind, event.details)}
              {isOthers(event, owner) && (
                <span className="block text-sm text-quiet sm:hidden">{placeOf(event, owner)}</span>
              )}
            </td>
            <td className="py-2 pe-4 text-start text-sm text-quiet max-sm:hidden">{placeOf(event, owner)}</td>
            <td className="whitespace-nowrap py-2 text-end text-sm text-quiet">
              <Moment at={event.createdAt} now={now} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const isOthers = ({ actor }: ShownEvent, owner: string) => actor !== null && actor !== owner;

/** The command line has no browser, and an administrator's is no business of whom they act on. */
function placeOf(event: ShownEvent, owner: string): string {
  const { via, userAgent, address } = event;
  if (via === "cli") return m.security.commandLine;
  if (isOthers(event, owner)) return m.security.byAdministrator;
  if (via === "pages") return `${userAgentInWords(userAgent)}, ${address}`;
  // One of the table's own keys.
  return Object.hasOwn(a.audit.ways, via) ? a.audit.ways[via as WayIn] : via;
}
