import { dayInWords, momentInWords } from "@/lib/web/date-words";
import type { FormAction } from "@/lib/web/form-state";
import { m } from "@/lib/web/messages";
import { userAgentInWords } from "@/lib/web/user-agent-words";
import { Moment } from "./moment";
import { SmallForm } from "./small-form";
import { ActionForm } from "./ui/action-form";
import { FormMessage } from "./ui/field-message";
import { TextSubmit } from "./ui/text-submit";

export type ShownTrustedBrowser = {
  id: string;
  lastUsedAt: Date;
  expiresAt: Date;
  address: string;
  userAgent: string;
  isCurrent: boolean;
};

type Props = { browsers: ShownTrustedBrowser[]; now: Date; revoke: FormAction; revokeAll: FormAction };

/** The browsers in which no code is asked for, this one marked. */
export function TrustedBrowserList({ browsers, now, revoke, revokeAll }: Props) {
  if (browsers.length === 0) return <p>{m.trusted.none}</p>;
  return (
    <>
      <ul className="divide-y divide-line border-y border-line">
        {browsers.map((browser) => (
          <TrustedBrowserRow key={browser.id} browser={browser} now={now} revoke={revoke} />
        ))}
      </ul>
      {browsers.length > 1 && (
        <div className="mt-4">
          <SmallForm action={revokeAll} submit={m.trusted.revokeAll} />
        </div>
      )}
    </>
  );
}

type RowProps = { browser: ShownTrustedBrowser; now: Date; revoke: FormAction };

function TrustedBrowserRow({ browser, now, revoke }: RowProps) {
  const { id, lastUsedAt, expiresAt, address, userAgent, isCurrent } = browser;
  const name = userAgentInWords(userAgent);
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-6 gap-y-1 py-3">
      <div className="min-w-0">
        <p className="font-medium">
          {name}
          {isCurrent && <span className="text-given"> · {m.security.thisBrowser}</span>}
        </p>
        <p className="text-sm text-quiet">
          <Moment at={expiresAt} now={now} words={m.trusted.until(dayInWords(expiresAt, now))} />,{" "}
          <Moment at={lastUsedAt} now={now} words={m.security.lastUsed(momentInWords(lastUsedAt, now))} />,{" "}
          <span translate="no" className="break-all">
            {address}
          </span>
        </p>
      </div>
      <ActionForm action={revoke} hidden={{ id }}>
        <TextSubmit aria-label={m.trusted.revokeLabel(name)}>{m.trusted.revoke}</TextSubmit>
        <FormMessage />
      </ActionForm>
    </li>
  );
}
