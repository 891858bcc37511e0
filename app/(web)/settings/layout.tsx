import type { ReactNode } from "react";
import { DemandBanner } from "@/components/demand-banner";
import { readCaller } from "@/lib/web/session";

/** Over all settings: until when two-factor sign-in has to be set up, where policy asks for it. */
export default async function SettingsLayout({ children }: { children: ReactNode }) {
  const { ctx, signedIn } = await readCaller();
  return (
    <>
      {signedIn && <DemandBanner demand={signedIn.demand} now={ctx.now} />}
      {children}
    </>
  );
}
