import { eventInWords, m } from "@/lib/web/messages";
import { userAgentInWords } from "@/lib/web/user-agent-words";
import { Moment } from "./moment";

export type ShownEvent = {
  id: string;
  createdAt: Date;
  kind: string;
  via: string;
  address: string;
  userAgent: string;
  details: unknown;
};

/** What happened to the account. On a phone the column of places is left out. */
export function ActivityTable({ events, now }: { events: ShownEvent[]; now: Date }) {
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
            <td className="py-2 pe-4 text-start">{eventInWords(event.kind, event.details)}</td>
            <td className="py-2 pe-4 text-start text-sm text-quiet max-sm:hidden">{placeOf(event)}</td>
            <td className="whitespace-nowrap py-2 text-end text-sm text-quiet">
              <Moment at={event.createdAt} now={now} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The command line has no browser. */
function placeOf({ via, userAgent, address }: ShownEvent): string {
  if (via === "cli") return m.security.commandLine;
  return via === "pages" ? `${userAgentInWords(userAgent)}, ${address}` : via;
}
