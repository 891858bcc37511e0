import { momentInWords } from "@/lib/web/date-words";
import type { FormAction } from "@/lib/web/form-state";
import { m } from "@/lib/web/messages";
import { Moment } from "./moment";
import { SmallForm } from "./small-form";
import { Notice } from "./ui/notice";

type Props = { email: string; confirmedAt: Date | null; now: Date; ask: FormAction };

/** One's address, and whether it was confirmed that its mail is read. */
export function EmailStatus({ email, confirmedAt, now, ask }: Props) {
  const address = (
    <p className="break-words font-medium" translate="no">
      {email}
    </p>
  );
  if (confirmedAt) {
    return (
      <div className="border-y border-line py-3">
        {address}
        <p className="text-sm text-quiet">
          <Moment at={confirmedAt} now={now} words={m.email.confirmed(momentInWords(confirmedAt, now))} />
        </p>
      </div>
    );
  }
  return (
    <Notice tone="owed" role="note">
      {address}
      <p className="mb-3">{m.email.unconfirmed}</p>
      <SmallForm action={ask} submit={m.email.confirm} tone="main" />
    </Notice>
  );
}
