import type { Metadata } from "next";
import { SettingsFrame } from "@/components/settings-frame";
import { SmallForm } from "@/components/small-form";
import { ButtonLink } from "@/components/ui/button";
import { HOME } from "@/lib/web/callback-url";
import { m } from "@/lib/web/messages";
import { signOut } from "../../../../../sign-out-action";
import { startSetup } from "../../../actions";
import { requireOwnAuthenticator } from "../own-authenticator";

export const metadata: Metadata = { title: m.security.replace };

/** Before a replacement: nothing changes until the new authenticator is proven in the wizard that this leads to. */
export default async function ReplacePage({ params }: { params: Promise<{ id: string }> }) {
  const { signedIn, one } = await requireOwnAuthenticator((await params).id, "replace");
  return (
    <SettingsFrame email={signedIn.user.email} current={null} signOut={signOut}>
      <h1 className="break-words text-2xl font-semibold tracking-tight">{m.replace.title(one.name)}</h1>
      <p className="mt-2 text-quiet">{m.replace.intro}</p>
      <p className="mt-4">{m.replace.kept}</p>
      <div className="mt-6 flex flex-wrap gap-3">
        <SmallForm action={startSetup} submit={m.replace.submit} tone="main" hidden={{ replaces: one.id }} />
        <ButtonLink href={HOME}>{m.replace.keep}</ButtonLink>
      </div>
    </SettingsFrame>
  );
}
