import type { Standing } from "@/lib/core/adoption";
import { a } from "@/lib/web/admin-messages";
import { dateInWords } from "@/lib/web/date-words";
import { Moment } from "./moment";

type Props = { standing: Standing & { isOn: boolean; since: Date | null }; now: Date };

/** Whether somebody has two-factor sign-in, and what policy asks of them if not. */
export function TwoFactorState({ standing: { demand, lateSince, isOn, since }, now }: Props) {
  const on = (at: Date, words: (day: string) => string) => (
    <span className="sm:whitespace-nowrap">
      <Moment at={at} now={now} words={words(dateInWords(at, now))} />
    </span>
  );
  if (isOn)
    return <span className="text-given">{since ? on(since, a.adoption.onSince) : a.adoption.on}</span>;
  if (lateSince) return <span className="text-danger">{on(lateSince, a.adoption.lateSince)}</span>;
  if (demand.isDue) return <span className="text-danger">{a.adoption.late}</span>;
  if (demand.enrolBy) return <span className="text-owed">{on(demand.enrolBy, a.adoption.inGrace)}</span>;
  return demand.isRequired ? a.adoption.nextSignIn : a.adoption.off;
}
