import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { ProofForm } from "@/components/proof-form";
import { SettingsFrame } from "@/components/settings-frame";
import { Notice } from "@/components/ui/notice";
import { HOME } from "@/lib/web/callback-url";
import { m } from "@/lib/web/messages";
import { requireFreshProof } from "@/lib/web/session";
import { signOut } from "../../../sign-out-action";
import { turnOff } from "./actions";

export const metadata: Metadata = { title: m.turnOff.title };

export default async function TurnOffPage() {
  const { signedIn } = await requireFreshProof(`${HOME}/turn-off`);
  if (!signedIn.twoFactor.isOn || signedIn.demand.isRequired) redirect(HOME);
  return (
    <SettingsFrame email={signedIn.user.email} current={null} signOut={signOut}>
      <h1 className="mb-5 text-2xl font-semibold tracking-tight">{m.turnOff.title}</h1>
      <Notice tone="danger" role="note">
        {m.turnOff.consequence}
      </Notice>
      <div className="mt-6 max-w-md">
        <ProofForm action={turnOff} proof={m.turnOff.proof} submit={m.turnOff.submit} keep={m.turnOff.keep} />
      </div>
    </SettingsFrame>
  );
}
