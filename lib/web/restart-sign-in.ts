import { redirect } from "next/navigation";
import type { NextRequest } from "next/server";
import { readChallenge } from "@/lib/core/read-challenge";
import { noChallenge } from "@/lib/http/sign-in-cookies";
import { setAnswerCookies } from "./answer";
import { safeCallbackUrl, withCallbackUrl } from "./callback-url";
import { readCaller } from "./session";

/**
 * The way out of a challenge that is over: a page cannot take its cookie away, and with it the gate would send every
 * visit back to the code entry. A challenge that lives stays.
 */
export async function restartSignIn(request: NextRequest): Promise<never> {
  const callbackUrl = safeCallbackUrl(request.nextUrl.searchParams.get("callbackUrl"));
  const { ctx, challengeToken } = await readCaller();
  if (challengeToken && (await readChallenge(ctx, challengeToken))) {
    redirect(withCallbackUrl("/sign-in/verify", callbackUrl));
  }
  await setAnswerCookies([noChallenge()]);
  redirect(withCallbackUrl("/sign-in?expired=1", callbackUrl));
}
