import type { FormAction } from "@/lib/web/form-state";
import { m } from "@/lib/web/messages";
import { SmallForm } from "./small-form";
import { Notice } from "./ui/notice";

type Props = { action: FormAction; hasLapsed: boolean; hidden: Record<string, string> };

/** Before the set-up: what it is for and what one needs. */
export function SetupStart({ action, hasLapsed, hidden }: Props) {
  return (
    <>
      {hasLapsed && (
        <div className="mb-6">
          <Notice tone="owed">{m.wizard.lapsed}</Notice>
        </div>
      )}
      <h1 className="text-2xl font-semibold tracking-tight">{m.wizard.startTitle}</h1>
      <p className="mt-2 text-quiet">{m.wizard.startIntro}</p>
      <h2 className="mt-6 text-lg font-semibold">{m.wizard.startNeed}</h2>
      <ul className="mt-2 list-disc space-y-2 ps-5 marker:text-quiet">
        {m.wizard.startNeeds.map((need) => (
          <li key={need}>{need}</li>
        ))}
      </ul>
      <div className="mt-6 flex flex-wrap items-center gap-x-6 gap-y-3">
        <SmallForm action={action} submit={m.wizard.start} tone="main" hidden={hidden} />
        <a href="/settings/security" className="link link-alone">
          {m.common.back}
        </a>
      </div>
    </>
  );
}
