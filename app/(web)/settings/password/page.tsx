import type { Metadata } from "next";
import { PasswordForm } from "@/components/password-form";
import { SettingsFrame } from "@/components/settings-frame";
import { Notice } from "@/components/ui/notice";
import { m } from "@/lib/web/messages";
import { requireFreshProof } from "@/lib/web/session";
import { signOut } from "../../sign-out-action";
import { changePassword } from "./actions";

export const metadata: Metadata = { title: m.password.title };

export default async function PasswordPage() {
  const { signedIn } = await requireFreshProof("/settings/password");
  const { email, isAdmin } = signedIn.user;
  const mark = signedIn.twoFactor.isOn ? "given" : "owed";
  return (
    <SettingsFrame email={email} current="/settings/password" mark={mark} isAdmin={isAdmin} signOut={signOut}>
      <h1 className="text-2xl font-semibold tracking-tight">{m.password.title}</h1>
      <p className="mb-5 mt-2 text-quiet">{m.password.intro}</p>
      {signedIn.mustChangePassword && (
        <div className="mb-5">
          <Notice tone="owed" role="note">
            {m.password.demanded}
          </Notice>
        </div>
      )}
      <div className="max-w-sm">
        <PasswordForm action={changePassword} email={email} />
      </div>
    </SettingsFrame>
  );
}
