import type { Demand } from "@/lib/core/policy";
import { dateInWords } from "@/lib/web/date-words";
import { m } from "@/lib/web/messages";
import { Moment } from "./moment";

/**
 * For whoever has no two-factor sign-in: from when on policy asks for it, and how many days are left. Nothing when it is on
 * or never will be asked for, nor when it is due: then the set-up itself says so.
 */
export function DemandBanner({ demand, now }: { demand: Demand; now: Date }) {
  const { enrolBy, announcedFor } = demand;
  const at = enrolBy ?? announcedFor;
  if (at === null) return null;
  const day = dateInWords(at, now);
  const daysLeft = Math.ceil((at.getTime() - now.getTime()) / 86_400_000);
  return (
    <aside aria-label={m.demand.label} className="no-print bg-owed-soft">
      <div className="mx-auto flex w-full max-w-[58rem] flex-wrap items-center gap-x-5 px-4 py-2 sm:px-8">
        <p>
          <Moment at={at} now={now} words={enrolBy ? m.demand.required(day) : m.demand.announced(day)} />{" "}
          {enrolBy && <strong className="font-semibold">{m.demand.left(daysLeft)}</strong>}
        </p>
        <a href="/settings/security/authenticators/new" className="link link-alone">
          {m.demand.setUp}
        </a>
      </div>
    </aside>
  );
}
