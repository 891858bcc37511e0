import { m } from "@/lib/web/messages";
import { ButtonLink } from "./ui/button";

/** Whether sign-in can mail a code to one's address. */
export function MailCodeStatus({ email, isConfirmed }: { email: string; isConfirmed: boolean }) {
  if (!isConfirmed) {
    return (
      <>
        <p className="mb-3">{m.mailCodes.unconfirmed}</p>
        <ButtonLink href="/settings/email">{m.mailCodes.confirm}</ButtonLink>
      </>
    );
  }
  return (
    <>
      <p className="break-words">
        {m.mailCodes.ready}{" "}
        <strong className="font-semibold" translate="no">
          {email}
        </strong>
        .
      </p>
      <p className="mt-1 text-sm text-quiet">{m.mailCodes.note}</p>
    </>
  );
}
