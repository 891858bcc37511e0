import { momentInWords } from "@/lib/web/date-words";
import type { FormAction } from "@/lib/web/form-state";
import { m } from "@/lib/web/messages";
import { userAgentInWords } from "@/lib/web/user-agent-words";
import { Moment } from "./moment";
import { ActionForm } from "./ui/action-form";
import { FormMessage } from "./ui/field-message";
import { SubmitButton } from "./ui/submit-button";
import { TextSubmit } from "./ui/text-submit";

export type ShownSession = {
  id: string;
  createdAt: Date;
  lastSeenAt: Date;
  address: string;
  userAgent: string;
  isCurrent: boolean;
};

type Props = { sessions: ShownSession[]; now: Date; revoke: FormAction; revokeOthers: FormAction };

/** Where one is signed in, this browser first. */
export function SessionList({ sessions, now, revoke, revokeOthers }: Props) {
  const inOrder = [...sessions].sort((a, b) => Number(b.isCurrent) - Number(a.isCurrent));
  return (
    <>
      <ul className="divide-y divide-line border-y border-line">
        {inOrder.map((session) => (
          <SessionRow key={session.id} session={session} now={now} revoke={revoke} />
        ))}
      </ul>
      {sessions.length > 1 && (
        <ActionForm action={revokeOthers} className="mt-4">
          <SubmitButton tone="plain">{m.security.signOutOthers}</SubmitButton>
          <FormMessage />
        </ActionForm>
      )}
    </>
  );
}

function SessionRow({ session, now, revoke }: { session: ShownSession; now: Date; revoke: FormAction }) {
  const browser = userAgentInWords(session.userAgent);
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-6 gap-y-1 py-3">
      <div className="min-w-0">
        <p className="font-medium">{browser}</p>
        <p className="text-sm text-quiet">
          <Moment
            at={session.createdAt}
            now={now}
            words={m.security.firstSeen(momentInWords(session.createdAt, now))}
          />
          ,{" "}
          <Moment
            at={session.lastSeenAt}
            now={now}
            words={m.security.lastSeen(momentInWords(session.lastSeenAt, now))}
          />
          ,{" "}
          <span translate="no" className="break-all">
            {session.address}
          </span>
        </p>
      </div>
      {session.isCurrent ? (
        <p className="font-medium text-given">{m.security.thisBrowser}</p>
      ) : (
        <ActionForm action={revoke} hidden={{ id: session.id }}>
          <TextSubmit aria-label={m.security.signOutOneLabel(browser)}>{m.security.signOutOne}</TextSubmit>
          <FormMessage />
        </ActionForm>
      )}
    </li>
  );
}
