import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { KeyPanel } from "@/components/key-panel";
import { QrPlate } from "@/components/qr-plate";
import { ScanForm } from "@/components/scan-form";
import { SettingsFrame } from "@/components/settings-frame";
import { SetupStart } from "@/components/setup-start";
import { SetupSteps } from "@/components/setup-steps";
import { ActionForm } from "@/components/ui/action-form";
import { TextSubmit } from "@/components/ui/text-submit";
import { listWaitingTotp, readPendingTotp } from "@/lib/core/factors/totp";
import { isId } from "@/lib/core/ids";
import { orUnavailable } from "@/lib/web/answer";
import { HOME } from "@/lib/web/callback-url";
import { readKept } from "@/lib/web/kept-values";
import { m } from "@/lib/web/messages";
import { type Query, queryText } from "@/lib/web/params";
import { requireFreshProof } from "@/lib/web/session";
import { signOut } from "../../../../sign-out-action";
import { startSetup } from "../../actions";
import { cancelSetup, confirmSetup } from "./actions";

export const metadata: Metadata = { title: m.wizard.startTitle };

const PAGE = "/settings/security/authenticators/new";

/**
 * Step 1. The key was made by a form, or for its owner by somebody else who names it as `device`, so loading this page again
 * shows the same one.
 */
export default async function NewAuthenticatorPage({ searchParams }: { searchParams: Query }) {
  const device = await queryText(searchParams, "device");
  if (device !== "" && !isId(device)) notFound();
  const caller = await requireFreshProof(device === "" ? PAGE : `${PAGE}?device=${device}`);
  const { ctx, signedIn } = caller;
  const pending = await orUnavailable(readPendingTotp(ctx, signedIn, device === "" ? undefined : device));
  if (pending === null && device !== "") notFound();
  const frame = { email: signedIn.user.email, current: null, mark: "owed", signOut } as const;
  if (pending === null || "isLapsed" in pending) {
    return (
      <SettingsFrame {...frame}>
        <SetupStart
          action={startSetup}
          hasLapsed={pending !== null}
          isDue={signedIn.demand.isDue}
          isFirst={!signedIn.twoFactor.isOn}
          waiting={await orUnavailable(listWaitingTotp(ctx, signedIn))}
          replaces={pending?.replaces ?? null}
          name={readKept(caller, PAGE, await queryText(searchParams, "kept")).get("name")}
        />
      </SettingsFrame>
    );
  }
  return (
    <SettingsFrame {...frame}>
      <SetupSteps current={1} />
      <h1 className="break-words text-2xl font-semibold tracking-tight">
        {device === "" ? m.wizard.title : m.wizard.waitingTitle(pending.name)}
      </h1>
      {pending.replaces && (
        <p className="mt-2 break-words text-quiet">{m.wizard.replacing(pending.replaces.name)}</p>
      )}
      <div className="mt-5 flex flex-col gap-6 md:flex-row-reverse md:justify-between md:gap-8">
        <QrPlate uri={pending.uri} />
        <div className="min-w-0 flex-1">
          <ol className="mb-6 list-decimal space-y-2 ps-5 marker:font-semibold marker:text-quiet">
            <li>{m.wizard.step1}</li>
            <li>{m.wizard.step2}</li>
            <li>{m.wizard.step3}</li>
          </ol>
          <ScanForm action={confirmSetup} submit={m.wizard.submit} hidden={device === "" ? {} : { device }} />
        </div>
      </div>
      <div className="mt-6">
        <KeyPanel
          account={pending.account}
          issuer={pending.issuer}
          secret={pending.secret}
          uri={pending.uri}
        />
      </div>
      <div className="mt-2 border-t border-line pt-4">
        {device === "" ? (
          <ActionForm action={cancelSetup}>
            <TextSubmit>{m.wizard.cancel}</TextSubmit>
          </ActionForm>
        ) : (
          <a href={HOME} className="link link-alone">
            {m.wizard.later}
          </a>
        )}
      </div>
    </SettingsFrame>
  );
}
