import type { Metadata } from "next";
import { RecoveryCodesSheet } from "@/components/recovery-codes-sheet";
import { SaveProofForm } from "@/components/save-proof-form";
import { SettingsFrame } from "@/components/settings-frame";
import { SetupSteps } from "@/components/setup-steps";
import { ButtonLink } from "@/components/ui/button";
import { readRevealedCodes } from "@/lib/core/factors/recovery-codes";
import { orUnavailable } from "@/lib/web/answer";
import { HOME } from "@/lib/web/callback-url";
import { m } from "@/lib/web/messages";
import { type Query, queryText } from "@/lib/web/params";
import { recoveryText } from "@/lib/web/recovery-file";
import { requireSignedIn } from "@/lib/web/session";
import { signOut } from "../../../sign-out-action";
import { proveSaved } from "./actions";

export const metadata: Metadata = { title: m.codes.title };

const PAGE = `${HOME}/recovery-codes`;

/** Step 2 of the set-up, and the end of making new codes. Shown until one of them is typed back, and never again. */
export default async function RecoveryCodesPage({ searchParams }: { searchParams: Query }) {
  const { ctx, signedIn } = await requireSignedIn(PAGE);
  const { email } = signedIn.user;
  const codes = await orUnavailable(readRevealedCodes(ctx, signedIn));
  const next = (await queryText(searchParams, "then")) === "done" ? "done" : "";
  if (codes === null) {
    return (
      <SettingsFrame email={email} current={null} signOut={signOut}>
        <h1 className="text-2xl font-semibold tracking-tight">{m.codes.goneTitle}</h1>
        <p className="mb-6 mt-2 text-quiet">{m.codes.gone}</p>
        <ButtonLink href={`${HOME}#recovery`}>{m.common.back}</ButtonLink>
      </SettingsFrame>
    );
  }
  const { issuer } = ctx.settings;
  return (
    <SettingsFrame email={email} current={null} mark="owed" signOut={signOut}>
      {next && <SetupSteps current={2} />}
      <div className="no-print">
        <h1 className="text-2xl font-semibold tracking-tight">{m.codes.title}</h1>
        <p className="mb-5 mt-2 text-quiet">{m.codes.intro}</p>
      </div>
      <RecoveryCodesSheet
        codes={codes}
        issuer={issuer}
        email={email}
        made={ctx.now.toISOString().slice(0, 10)}
        asText={recoveryText(codes, issuer, email, ctx.now)}
        downloadHref={`${PAGE}/download`}
      />
      <section className="no-print mt-8 max-w-md border-t border-line pt-6">
        <h2 className="mb-4 text-lg font-semibold">{m.codes.proofTitle}</h2>
        <SaveProofForm action={proveSaved} hidden={{ next }} />
      </section>
    </SettingsFrame>
  );
}
