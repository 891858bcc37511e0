import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { EntryCard, EntryPage } from "@/components/entry-page";
import { SignInForm } from "@/components/sign-in-form";
import { Notice } from "@/components/ui/notice";
import { withCallbackUrl } from "@/lib/web/callback-url";
import { doneSentence, m, pageName } from "@/lib/web/messages";
import { type Query, queryCallbackUrl, queryText } from "@/lib/web/params";
import { placeOwed } from "@/lib/web/place-owed";
import { readCaller } from "@/lib/web/session";
import { signIn } from "./actions";

export const metadata: Metadata = { title: m.signIn.title };

export default async function SignInPage({ searchParams }: { searchParams: Query }) {
  const callbackUrl = await queryCallbackUrl(searchParams);
  const { ctx, signedIn } = await readCaller();
  if (signedIn) redirect(placeOwed(signedIn, callbackUrl) ?? callbackUrl);
  const isExpired = (await queryText(searchParams, "expired")) === "1";
  const done = doneSentence(await queryText(searchParams, "done"));
  return (
    <EntryPage>
      {isExpired && <Notice tone="owed">{m.signIn.expired(pageName(callbackUrl))}</Notice>}
      {done && <Notice tone="given">{done}</Notice>}
      <EntryCard title={m.signIn.title}>
        <SignInForm action={signIn} callbackUrl={callbackUrl} />
      </EntryCard>
      <div className="-mt-2 px-5 text-quiet sm:px-8">
        <p>{m.signIn.next}</p>
        <a href="/forgotten-password" className="link link-alone mt-1 inline-flex">
          {m.signIn.forgotten}
        </a>
        {ctx.settings.signUp === "open" && (
          <p className="mt-1">
            {m.signIn.newHere}{" "}
            <a href={withCallbackUrl("/sign-up", callbackUrl)} className="link link-alone">
              {m.signIn.makeAccount}
            </a>
          </p>
        )}
      </div>
    </EntryPage>
  );
}
