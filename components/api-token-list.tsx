import { dayInWords, momentInWords } from "@/lib/web/date-words";
import type { FormAction } from "@/lib/web/form-state";
import { m } from "@/lib/web/messages";
import { Moment } from "./moment";
import { Scope } from "./scope";
import { ActionForm } from "./ui/action-form";
import { FormMessage } from "./ui/field-message";
import { TextSubmit } from "./ui/text-submit";

export type ShownApiToken = {
  id: string;
  name: string;
  scopes: string[];
  createdAt: Date;
  expiresAt: Date;
  lastUsedAt: Date | null;
};

/** `revoke` is null where nothing may be changed. */
type Props = { tokens: ShownApiToken[]; now: Date; revoke: FormAction | null };

/** One's API tokens: what each may do, and when it was made, used last, and ends. */
export function ApiTokenList({ tokens, now, revoke }: Props) {
  return (
    <ul className="divide-y divide-line border-y border-line">
      {tokens.map((token) => (
        <ApiTokenRow key={token.id} token={token} now={now} revoke={revoke} />
      ))}
    </ul>
  );
}

type RowProps = Omit<Props, "tokens"> & { token: ShownApiToken };

function ApiTokenRow({ token: { id, name, scopes, ...at }, now, revoke }: RowProps) {
  return (
    <li className="py-3">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-1">
        <div className="min-w-0">
          <p className="break-words font-medium" translate="no">
            {name}
          </p>
          <p className="text-sm text-quiet">
            <Moment at={at.createdAt} now={now} words={m.tokens.made(dayInWords(at.createdAt, now))} />,{" "}
            {at.lastUsedAt ? (
              <Moment
                at={at.lastUsedAt}
                now={now}
                words={m.tokens.lastUsed(momentInWords(at.lastUsedAt, now))}
              />
            ) : (
              m.tokens.neverUsed
            )}
            , <Moment at={at.expiresAt} now={now} words={m.tokens.ends(dayInWords(at.expiresAt, now))} />
          </p>
        </div>
        {revoke && (
          <ActionForm action={revoke} hidden={{ id }}>
            <TextSubmit aria-label={m.tokens.revokeLabel(name)}>{m.tokens.revoke}</TextSubmit>
            <FormMessage />
          </ActionForm>
        )}
      </div>
      <ul
        aria-label={m.tokens.mayDo(name)}
        className="mt-2 list-disc space-y-1 ps-5 text-sm marker:text-quiet"
      >
        {scopes.map((scope) => (
          <li key={scope}>
            <Scope scope={scope} />
          </li>
        ))}
      </ul>
    </li>
  );
}
