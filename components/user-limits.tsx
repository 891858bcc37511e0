import type { UserDetails } from "@/lib/core/admin/read-user";
import { a } from "@/lib/web/admin-messages";
import { waitInWords } from "@/lib/web/messages";
import { Moment } from "./moment";

type Props = { lock: UserDetails["lock"]; now: Date };

/** How far an account's tries are used up, and what waits because of it. */
export function UserLimits({ lock, now }: Props) {
  const { failures, units, waitUntil, isUsedUp, passwordWaitUntil } = lock;
  return (
    <ul className="divide-y divide-line border-y border-line">
      <li className="py-2">
        {a.user.wrongCodes}: {a.user.wrongCodesOf(failures, units)}
        {isUsedUp && <strong className="font-semibold text-danger">, {a.user.usedUp}</strong>}
        {!isUsedUp && waitUntil && <Wait until={waitUntil} now={now} />}
      </li>
      <li className="py-2">
        {a.user.wrongPasswords}
        {passwordWaitUntil ? <Wait until={passwordWaitUntil} now={now} /> : `: ${a.user.notWaiting}`}
      </li>
    </ul>
  );
}

function Wait({ until, now }: { until: Date; now: Date }) {
  const seconds = Math.ceil((until.getTime() - now.getTime()) / 1000);
  return (
    <strong className="font-semibold text-owed">
      , <Moment at={until} now={now} words={a.user.waits(waitInWords(seconds))} />
    </strong>
  );
}
