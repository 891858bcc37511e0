import { FEW_RECOVERY_CODES } from "@/lib/core/limits";
import type { FormAction } from "@/lib/web/form-state";
import { m } from "@/lib/web/messages";
import { SmallForm } from "./small-form";
import { ButtonLink } from "./ui/button";
import { Notice } from "./ui/notice";

type Props = {
  left: number;
  /** New ones were made and not typed back yet. */
  hasRevealed: boolean;
  make: FormAction;
};

/** How many recovery codes are left, and new ones. */
export function RecoveryStatus({ left, hasRevealed, make }: Props) {
  if (hasRevealed) {
    return (
      <Notice tone="owed" role="note">
        <p className="mb-3">{m.security.recoveryPending}</p>
        <ButtonLink tone="main" href="/settings/security/recovery-codes">
          {m.security.recoveryShow}
        </ButtonLink>
      </Notice>
    );
  }
  const isFew = left <= FEW_RECOVERY_CODES;
  const form = <SmallForm action={make} submit={m.security.recoveryMake} tone={isFew ? "main" : "plain"} />;
  const note = <p className="mt-2 text-sm text-quiet">{m.security.recoveryMakeNote}</p>;
  if (!isFew) {
    return (
      <>
        <p className="mb-3 font-medium">{m.security.recoveryLeft(left)}</p>
        {form}
        {note}
      </>
    );
  }
  return (
    <Notice tone="owed" role="note">
      <p className="font-semibold">{m.security.recoveryLeft(left)}</p>
      <p className="mb-3">{m.security.recoveryFew}</p>
      {form}
      <p className="mt-2 text-sm">{m.security.recoveryMakeNote}</p>
    </Notice>
  );
}
