import type { ReactNode } from "react";
import { m } from "@/lib/web/messages";
import { Mark } from "./mark";

type Props = { isOn: boolean; children: ReactNode; action?: ReactNode };

/** Whether two-factor sign-in is on, in one line. */
export function SecurityStatus({ isOn, children, action }: Props) {
  return (
    <div
      className={`rounded-lg border px-5 py-5 sm:px-6 ${isOn ? "border-line bg-sheet" : "border-owed-soft bg-owed-soft"}`}
    >
      <div className="flex gap-4">
        <Mark state={isOn ? "given" : "owed"} size={36} />
        <div>
          <h2 className="text-lg font-semibold">{isOn ? m.security.statusTitle : m.security.offTitle}</h2>
          <p className={isOn ? "text-quiet" : "text-ink"}>{children}</p>
          {action && <div className="mt-4">{action}</div>}
        </div>
      </div>
    </div>
  );
}
