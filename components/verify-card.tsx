import type { ReactNode } from "react";
import { m } from "@/lib/web/messages";
import { PageHeading } from "./entry-page";
import { Tally, TallyLower, TallyUpper } from "./ui/tally";

type Props = {
  /** What is asked for; locked: no code from an app is looked at, only a recovery code. */
  kind: keyof typeof m.verify.heads;
  issuer: string;
  maskedEmail: string;
  /** The form. */
  children: ReactNode;
  /** Other ways on, below it. */
  ways: ReactNode;
};

/** What was given, the password, cut from what is owed, the code. */
export function VerifyCard({ kind, issuer, maskedEmail, children, ways }: Props) {
  const { title, text } = m.verify.heads[kind];
  const [begin, end] = text;
  return (
    <Tally>
      <TallyUpper isSlim>
        <p className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
          <span className="flex items-center gap-2 font-medium text-given">
            <svg viewBox="0 0 16 16" aria-hidden="true" className="size-4 fill-none stroke-current stroke-2">
              <path d="M2.5 8.5 6.5 12.5 13.5 4" />
            </svg>
            {m.verify.passwordGiven}
          </span>
          <span className="text-quiet" translate="no">
            {maskedEmail}
          </span>
        </p>
      </TallyUpper>
      <TallyLower>
        <PageHeading title={title}>
          {begin} <span className="whitespace-nowrap">{end}</span>{" "}
          <strong className="font-semibold text-ink" translate="no">
            {issuer} ({maskedEmail})
          </strong>
          .
        </PageHeading>
        {children}
        <div className="mt-5 flex flex-col items-start gap-1 border-t border-line pt-4">{ways}</div>
      </TallyLower>
    </Tally>
  );
}
