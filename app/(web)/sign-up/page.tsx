import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { AccountForm } from "@/components/account-form";
import { EntryCard, EntryPage, GonePage } from "@/components/entry-page";
import { withCallbackUrl } from "@/lib/web/callback-url";
import { m } from "@/lib/web/messages";
import { type Query, queryCallbackUrl } from "@/lib/web/params";
import { placeOwed } from "@/lib/web/place-owed";
import { readCaller } from "@/lib/web/session";
import { signUp } from "./actions";

export const metadata: Metadata = { title: m.signUp.title };

export default async function SignUpPage({ searchParams }: { searchParams: Query }) {
  const callbackUrl = await queryCallbackUrl(searchParams);
  const { ctx, signedIn } = await readCaller();
  if (signedIn) redirect(placeOwed(signedIn, callbackUrl) ?? callbackUrl);
  const signInHref = withCallbackUrl("/sign-in", callbackUrl);
  if (ctx.settings.signUp === "closed") {
    const way = { href: signInHref, link: m.signIn.title };
    return <GonePage title={m.signUp.closedTitle} text={m.signUp.closed} {...way} />;
  }
  return (
    <EntryPage>
      <EntryCard title={m.signUp.title}>
        <AccountForm action={signUp} hidden={{ callbackUrl }} submit={m.signUp.submit} />
      </EntryCard>
      <p className="-mt-2 px-5 text-quiet sm:px-8">
        {m.signUp.haveOne}{" "}
        <a href={signInHref} className="link link-alone">
          {m.signIn.title}
        </a>
      </p>
    </EntryPage>
  );
}
