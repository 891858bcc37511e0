import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { ActivityTable } from "@/components/activity-table";
import { SettingsFrame } from "@/components/settings-frame";
import { listEvents } from "@/lib/core/events";
import { isId } from "@/lib/core/ids";
import { orUnavailable } from "@/lib/web/answer";
import { HOME } from "@/lib/web/callback-url";
import { m } from "@/lib/web/messages";
import { type Query, queryText } from "@/lib/web/params";
import { requireSignedIn } from "@/lib/web/session";
import { signOut } from "../../../sign-out-action";

export const metadata: Metadata = { title: m.activity.title };

const PAGE = `${HOME}/activity`;
const EVENTS_PER_PAGE = 50;

/** All events of the account. A page begins behind an event, so that new ones do not shift what one is reading. */
export default async function ActivityPage({ searchParams }: { searchParams: Query }) {
  const before = await queryText(searchParams, "before");
  if (before !== "" && !isId(before)) notFound();
  const { ctx, signedIn } = await requireSignedIn(before ? `${PAGE}?before=${before}` : PAGE);
  const page = { limit: EVENTS_PER_PAGE, ...(before ? { before } : {}) };
  const { events, olderThan } = await orUnavailable(listEvents(ctx, signedIn, page));
  return (
    <SettingsFrame email={signedIn.user.email} current={null} signOut={signOut}>
      <h1 className="text-2xl font-semibold tracking-tight">{m.activity.title}</h1>
      <p className="mb-5 mt-2 text-quiet">{m.activity.intro}</p>
      {events.length === 0 ? (
        <p>{m.activity.none}</p>
      ) : (
        <ActivityTable events={events} owner={signedIn.user.id} now={ctx.now} />
      )}
      <nav aria-label={m.activity.pages} className="mt-4 flex gap-x-5">
        {before && (
          <a href={PAGE} className="link link-alone">
            {m.activity.newest}
          </a>
        )}
        {olderThan && (
          <a href={`${PAGE}?before=${olderThan}`} className="link link-alone">
            {m.activity.older}
          </a>
        )}
        <a href={HOME} className="link link-alone ms-auto">
          {m.common.back}
        </a>
      </nav>
    </SettingsFrame>
  );
}
