import { isSameText } from "@/lib/crypto/tokens";
import { type Env, env } from "@/lib/env";
import { isUnavailable } from "@/lib/http/availability";
import { requestContext } from "@/lib/http/context";
import { log } from "@/lib/log";
import { deliverDue } from "@/lib/mail/deliver";
import { keepUp } from "@/lib/server/upkeep";
import type { ContextOf } from "./caller";

// No mail is begun after that, so that a call ends within the minute that hosts give it: a mail server is waited for, too.
const deliverForMs = 20_000;

/**
 * What `bin/countersign serve` does by itself: mails, reminders, what has lapsed. For hosts where nothing runs between requests, whose
 * timer asks for it with `Authorization: Bearer <CRON_SECRET>`. Any number may ask at once. Nobody may where no secret is set.
 */
export function cron(settings: () => Env = env, contextOf: ContextOf = requestContext) {
  return async ({ headers }: Request): Promise<Response> => {
    const now = settings();
    if (now.cronSecret === null) return say(404, { error: "not_found" });
    if (!isSameText(headers.get("authorization") ?? "", `Bearer ${now.cronSecret}`))
      return say(401, { error: "unauthenticated" });
    const ctx = contextOf(headers);
    const until = performance.now() + deliverForMs;
    try {
      await keepUp(ctx, log);
      return say(200, { mails: await deliverDue(ctx, now, log, () => performance.now() < until) });
    } catch (error) {
      if (isUnavailable(error)) return say(503, { error: "unavailable" });
      throw error;
    }
  };
}

function say(status: number, body: { mails: number } | { error: string }): Response {
  const proof: HeadersInit = status === 401 ? { "WWW-Authenticate": "Bearer" } : {};
  return Response.json(body, { status, headers: { "Cache-Control": "no-store", ...proof } });
}
