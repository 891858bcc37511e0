import type { Metadata } from "next";
import { ApiTokenList } from "@/components/api-token-list";
import { NewApiToken } from "@/components/new-api-token";
import { SettingsFrame } from "@/components/settings-frame";
import { ButtonLink } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { listApiTokens } from "@/lib/core/api-tokens";
import { isId } from "@/lib/core/ids";
import { takeNewToken } from "@/lib/core/token-reveal";
import { orUnavailable } from "@/lib/web/answer";
import { HOME } from "@/lib/web/callback-url";
import type { SignedInCaller } from "@/lib/web/caller";
import { doneSentence, m } from "@/lib/web/messages";
import { type Query, queryText, SHOWN_ONCE } from "@/lib/web/params";
import { requireSignedIn } from "@/lib/web/session";
import { signOut } from "../../../sign-out-action";
import { revokeToken } from "./actions";

export const metadata: Metadata = { title: m.tokens.title };

const PAGE = `${HOME}/api-tokens`;

/** `isGone`: the token that was just made cannot be shown any more. */
async function readPage({ ctx, signedIn }: SignedInCaller, made: string) {
  const tokens = await listApiTokens(ctx, signedIn);
  if (!isId(made) || !tokens.some(({ id }) => id === made)) return { tokens, shown: null, isGone: false };
  const shown = await takeNewToken(ctx, signedIn, made);
  return { tokens, shown, isGone: shown === null };
}

/** One's API tokens. After one was made, the address names it, and it is shown the first time the page is asked for. */
export default async function ApiTokensPage({ searchParams }: { searchParams: Query }) {
  const caller = await requireSignedIn(PAGE);
  const { ctx, signedIn } = caller;
  const { isOn } = signedIn.twoFactor;
  const made = await queryText(searchParams, SHOWN_ONCE);
  const { tokens, shown, isGone } = await orUnavailable(readPage(caller, made));
  const done = doneSentence(await queryText(searchParams, "done"));
  return (
    <SettingsFrame
      email={signedIn.user.email}
      current={null}
      mark={isOn ? "given" : "owed"}
      signOut={signOut}
    >
      <h1 className="text-2xl font-semibold tracking-tight">{m.tokens.title}</h1>
      <p className="mb-5 mt-2 text-quiet">{m.tokens.intro}</p>
      {done && (
        <div className="mb-5">
          <Notice tone="given">{done}</Notice>
        </div>
      )}
      {shown !== null && <NewApiToken token={shown} />}
      {isGone && (
        <div className="mb-5">
          <Notice tone="owed">{m.tokens.gone}</Notice>
        </div>
      )}
      {tokens.length > 0 && <ApiTokenList tokens={tokens} now={ctx.now} revoke={isOn ? revokeToken : null} />}
      {isOn && tokens.length === 0 && <p>{m.tokens.none}</p>}
      {!isOn && <p className="mt-5">{m.tokens.needsTwoFactor}</p>}
      <div className="mt-5 flex flex-wrap items-center gap-x-6 gap-y-3">
        {isOn ? (
          <ButtonLink tone="main" href={`${PAGE}/new`}>
            {m.tokens.make}
          </ButtonLink>
        ) : (
          <ButtonLink tone="main" href={`${HOME}/authenticators/new`}>
            {m.security.turnOn}
          </ButtonLink>
        )}
        <a href={HOME} className="link link-alone">
          {m.common.back}
        </a>
      </div>
    </SettingsFrame>
  );
}
