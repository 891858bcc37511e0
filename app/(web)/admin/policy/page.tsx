import type { Metadata } from "next";
import { AdminFrame } from "@/components/admin-frame";
import { AdministratorsOnly } from "@/components/administrators-only";
import { PolicyForm } from "@/components/policy-form";
import { Section } from "@/components/section";
import { Notice } from "@/components/ui/notice";
import { readAdoption } from "@/lib/core/adoption";
import { readPolicy } from "@/lib/core/policy-settings";
import { a } from "@/lib/web/admin-messages";
import { orUnavailable } from "@/lib/web/answer";
import { readKept } from "@/lib/web/kept-values";
import { type Query, queryText } from "@/lib/web/params";
import { policyInWords } from "@/lib/web/policy-words";
import { requireAdministrator } from "@/lib/web/session";
import { signOut } from "../../sign-out-action";
import { savePolicy } from "./actions";

export const metadata: Metadata = { title: a.policy.title };

const PAGE = "/admin/policy";

/** Who must have two-factor sign-in, and what that comes to now. */
export default async function PolicyPage({ searchParams }: { searchParams: Query }) {
  const caller = await requireAdministrator(PAGE);
  if (caller === null) return <AdministratorsOnly />;
  const { ctx, signedIn } = caller;
  const [policy, totals] = await orUnavailable(
    Promise.all([readPolicy(ctx, signedIn), readAdoption(ctx, signedIn)]),
  );
  const kept = readKept(caller, PAGE, await queryText(searchParams, "kept"));
  const isSaved = (await queryText(searchParams, "done")) === "saved";
  return (
    <AdminFrame email={signedIn.user.email} current={PAGE} signOut={signOut}>
      <h1 className="text-2xl font-semibold tracking-tight">{a.policy.title}</h1>
      <p className="mb-5 mt-2 text-quiet">{a.policy.intro}</p>
      {isSaved && (
        <div className="mb-5">
          <Notice tone="given">{a.policy.saved}</Notice>
        </div>
      )}
      <PolicyForm action={savePolicy} policy={policy} now={ctx.now} kept={kept} />
      <Section id="meaning" title={a.policy.meaning}>
        <ul className="space-y-1">
          {policyInWords(policy, totals, ctx.now).map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
        {totals.without > 0 && (
          <a href="/admin/adoption?show=without" className="link link-alone mt-1">
            {a.policy.toAdoption}
          </a>
        )}
      </Section>
    </AdminFrame>
  );
}
