import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { ProofForm } from "@/components/proof-form";
import { SettingsFrame } from "@/components/settings-frame";
import { Notice } from "@/components/ui/notice";
import { HOME } from "@/lib/web/callback-url";
import { m } from "@/lib/web/messages";
import { signOut } from "../../../../../sign-out-action";
import { requireOwnAuthenticator } from "../own-authenticator";
import { removeAuthenticator } from "./actions";

export const metadata: Metadata = { title: m.security.remove };

export default async function RemovePage({ params }: { params: Promise<{ id: string }> }) {
  const { signedIn, one, isLast } = await requireOwnAuthenticator((await params).id, "remove");
  if (isLast && signedIn.demand.isRequired) redirect(HOME);
  return (
    <SettingsFrame email={signedIn.user.email} current={null} signOut={signOut}>
      <h1 className="mb-5 break-words text-2xl font-semibold tracking-tight">{m.remove.title(one.name)}</h1>
      <Notice tone={isLast ? "danger" : "owed"} role="note">
        {isLast ? m.remove.last : m.remove.other}
      </Notice>
      <div className="mt-6 max-w-md">
        <ProofForm
          action={removeAuthenticator}
          hidden={{ id: one.id }}
          proof={m.remove.proof}
          submit={isLast ? m.remove.submitLast : m.remove.submit}
          keep={m.remove.keep}
        />
      </div>
    </SettingsFrame>
  );
}
