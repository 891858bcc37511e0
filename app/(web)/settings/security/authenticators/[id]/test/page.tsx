import type { Metadata } from "next";
import { ScanForm } from "@/components/scan-form";
import { SettingsFrame } from "@/components/settings-frame";
import { HOME } from "@/lib/web/callback-url";
import { m } from "@/lib/web/messages";
import { signOut } from "../../../../../sign-out-action";
import { requireOwnAuthenticator } from "../own-authenticator";
import { testAuthenticator } from "./actions";

export const metadata: Metadata = { title: m.security.test };

export default async function TestPage({ params }: { params: Promise<{ id: string }> }) {
  const { signedIn, one } = await requireOwnAuthenticator((await params).id, "test");
  return (
    <SettingsFrame email={signedIn.user.email} current={null} signOut={signOut}>
      <h1 className="break-words text-2xl font-semibold tracking-tight">{m.test.title(one.name)}</h1>
      <p className="mt-2 text-quiet">{m.test.intro}</p>
      <div className="mt-6 max-w-md">
        <ScanForm action={testAuthenticator} submit={m.test.submit} hidden={{ id: one.id }} hasFocus />
      </div>
      <p className="mt-4 text-sm text-quiet">{m.test.used}</p>
      <a href={HOME} className="link link-alone mt-6 inline-flex">
        {m.common.back}
      </a>
    </SettingsFrame>
  );
}
