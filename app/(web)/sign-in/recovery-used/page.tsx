import type { Metadata } from "next";
import { EntryPage, PageHeading } from "@/components/entry-page";
import { ButtonLink } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { FEW_RECOVERY_CODES } from "@/lib/core/limits";
import { m, pageName } from "@/lib/web/messages";
import { type Query, queryCallbackUrl } from "@/lib/web/params";
import { requireSignedIn } from "@/lib/web/session";

export const metadata: Metadata = { title: m.recoveryUsed.title };

/** After a sign-in with a recovery code: how many are left, and the way on. */
export default async function RecoveryUsedPage({ searchParams }: { searchParams: Query }) {
  const callbackUrl = await queryCallbackUrl(searchParams);
  const { signedIn } = await requireSignedIn(callbackUrl);
  const left = signedIn.twoFactor.recoveryCodesLeft;
  const isFew = left <= FEW_RECOVERY_CODES;
  return (
    <EntryPage state="closes">
      <div>
        <PageHeading title={m.recoveryUsed.title}>{m.recoveryUsed.left(left)}</PageHeading>
        {isFew && (
          <Notice tone="owed" role="note">
            {left === 0 ? m.recoveryUsed.none : m.recoveryUsed.few}
          </Notice>
        )}
        <div className="mt-6 flex flex-col gap-3">
          <ButtonLink tone={isFew ? "plain" : "main"} isWide href={callbackUrl}>
            {m.recoveryUsed.goOn(pageName(callbackUrl))}
          </ButtonLink>
          <ButtonLink tone={isFew ? "main" : "plain"} isWide href="/settings/security#recovery">
            {m.recoveryUsed.makeNew}
          </ButtonLink>
        </div>
      </div>
    </EntryPage>
  );
}
