import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { ProofForm } from "@/components/proof-form";
import { SettingsFrame } from "@/components/settings-frame";
import { Notice } from "@/components/ui/notice";
import { listTotpFactors } from "@/lib/core/factors/totp";
import { orUnavailable } from "@/lib/web/answer";
import { HOME } from "@/lib/web/callback-url";
import { isId } from "@/lib/web/form-fields";
import { m } from "@/lib/web/messages";
import { requireFreshProof } from "@/lib/web/session";
import { signOut } from "../../../../../sign-out-action";
import { removeAuthenticator } from "./actions";

export const metadata: Metadata = { title: m.security.remove };

export default async function RemovePage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  if (!isId(id)) notFound();
  const { ctx, signedIn } = await requireFreshProof(`${HOME}/authenticators/${id}/remove`);
  const authenticators = await orUnavailable(listTotpFactors(ctx, signedIn));
  const one = authenticators.find((authenticator) => authenticator.id === id);
  if (!one) notFound();
  const isLast = authenticators.length === 1;
  return (
    <SettingsFrame email={signedIn.user.email} current={null} signOut={signOut}>
      <h1 className="mb-5 break-words text-2xl font-semibold tracking-tight">{m.remove.title(one.name)}</h1>
      <Notice tone={isLast ? "danger" : "owed"} role="note">
        {isLast ? m.remove.last : m.remove.other}
      </Notice>
      <div className="mt-6 max-w-md">
        <ProofForm
          action={removeAuthenticator}
          hidden={{ id, isLast: isLast ? "1" : "0" }}
          proof={m.remove.proof}
          submit={isLast ? m.remove.submitLast : m.remove.submit}
          keep={m.remove.keep}
        />
      </div>
    </SettingsFrame>
  );
}
