import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { ApiTokenForm } from "@/components/api-token-form";
import { SettingsFrame } from "@/components/settings-frame";
import { isAdministrators, SCOPES } from "@/lib/core/access/scopes";
import { LIMITS } from "@/lib/core/limits";
import { HOME } from "@/lib/web/callback-url";
import { readKept } from "@/lib/web/kept-values";
import { m } from "@/lib/web/messages";
import { type Query, queryText } from "@/lib/web/params";
import { requireFreshProof, requireSignedIn } from "@/lib/web/session";
import { signOut } from "../../../../sign-out-action";
import { makeToken } from "../actions";

export const metadata: Metadata = { title: m.newToken.title };

const LIST = `${HOME}/api-tokens`;
const PAGE = `${LIST}/new`;

export default async function NewApiTokenPage({ searchParams }: { searchParams: Query }) {
  const { twoFactor } = (await requireSignedIn(PAGE)).signedIn;
  // That page says what comes first.
  if (!twoFactor.isOn) redirect(LIST);
  const caller = await requireFreshProof(PAGE);
  const { user } = caller.signedIn;
  return (
    <SettingsFrame email={user.email} current={null} signOut={signOut}>
      <h1 className="text-2xl font-semibold tracking-tight">{m.newToken.title}</h1>
      <p className="mt-2 text-quiet">{m.newToken.intro}</p>
      <ApiTokenForm
        action={makeToken}
        scopes={SCOPES.filter((scope) => !isAdministrators(scope))}
        administrators={user.isAdmin ? SCOPES.filter(isAdministrators) : []}
        defaultDays={LIMITS.apiTokens.defaultDays}
        kept={readKept(caller, PAGE, await queryText(searchParams, "kept"))}
        back={LIST}
      />
    </SettingsFrame>
  );
}
