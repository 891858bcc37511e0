import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { SettingsFrame } from "@/components/settings-frame";
import { SetupSteps } from "@/components/setup-steps";
import { ButtonLink } from "@/components/ui/button";
import { HOME } from "@/lib/web/callback-url";
import { m } from "@/lib/web/messages";
import { type Query, queryText } from "@/lib/web/params";
import { requireSignedIn } from "@/lib/web/session";
import { signOut } from "../../../../../sign-out-action";

export const metadata: Metadata = { title: m.done.title };

/** Step 3. */
export default async function SetupDonePage({ searchParams }: { searchParams: Query }) {
  const { signedIn } = await requireSignedIn(HOME);
  if (!signedIn.twoFactor.isOn) redirect(HOME);
  const isReplaced = (await queryText(searchParams, "replaced")) === "1";
  const isAdded = (await queryText(searchParams, "added")) === "1";
  const [title, text] = isReplaced
    ? [m.done.replacedTitle, m.done.replaced]
    : isAdded
      ? [m.done.addedTitle, m.done.added]
      : [m.done.title, m.done.first];
  const isFirst = !isAdded && !isReplaced;
  return (
    <SettingsFrame email={signedIn.user.email} current={null} mark="closes" signOut={signOut}>
      {isFirst && <SetupSteps current={3} />}
      <h1 className="text-2xl font-semibold tracking-tight">{title}</h1>
      <p className="mt-2 text-quiet">{text}</p>
      <ul className="mt-5 space-y-2 rounded-lg bg-given-soft px-5 py-4">
        <li>{m.done.nextSignIn}</li>
        <li>{m.done.phoneLost}</li>
      </ul>
      <div className="mt-6">
        <ButtonLink tone="main" href={HOME}>
          {m.done.toSettings}
        </ButtonLink>
      </div>
      {isFirst && (
        <div className="mt-10 border-t border-line pt-6">
          <p className="mb-3 text-quiet">{m.done.addSecondNote}</p>
          <ButtonLink href="/settings/security/authenticators/new">{m.done.addSecond}</ButtonLink>
        </div>
      )}
    </SettingsFrame>
  );
}
