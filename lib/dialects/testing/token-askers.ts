import type { Acting } from "@/lib/core/access/guard";
import { SCOPES } from "@/lib/core/access/scopes";
import { createApiTokenFor } from "@/lib/core/api-tokens";
import { provisionTotp } from "@/lib/core/factors/provisioned-totp";
import { newId } from "@/lib/core/ids";
import { later, makeProtectedPerson, PASSWORD } from "@/lib/core/testing/fixtures";
import { createUser } from "@/lib/core/users";
import type { Asker } from "../cases";
import type { Someone } from "./askers";

export type TokenAsker = Extract<Asker, `${string}token${string}`>;

const OWN = SCOPES.filter((scope) => !scope.startsWith("admin:") && scope !== "audit:read");
const SCOPES_OF: Record<TokenAsker, readonly string[]> = {
  "administrator's token": SCOPES,
  token: OWN,
  "token without scope": ["audit:read.own"],
  "lapsed token": SCOPES,
};

export function isTokenAsker(who: Asker): who is TokenAsker {
  return who in SCOPES_OF;
}

/**
 * Somebody with two-factor sign-in on and an API token, with an authenticator that waits for them; and somebody else, whose
 * rows are not theirs.
 */
export async function becomeTokenHolder(nobody: Someone, who: TokenAsker): Promise<Someone> {
  const { ctx } = nobody;
  const isAdmin = who === "administrator's token" || who === "lapsed token";
  const person = await makeProtectedPerson(ctx, { isAdmin });
  const otherEmail = `${newId(ctx.now).toLowerCase()}.other@example.org`;
  const other = await createUser(ctx, { email: otherEmail, password: PASSWORD }, "test");
  const asked = { email: person.email, name: "Test", scopes: SCOPES_OF[who], days: 1, actor: "test" };
  const made = await createApiTokenFor(ctx, asked);
  // By this token, as if it were an administrator's with every scope.
  const { user, twoFactor } = person.signedIn;
  const token = { id: made.id, name: "Test", scopes: SCOPES, expiresAt: ctx.now };
  const acting: Acting = { token, user: { ...user, isAdmin: true }, twoFactor };
  const make = (userId: string, name: string) => provisionTotp(ctx, acting, { userId, name });
  const waiting = await make(person.user.id, "Waiting");
  const otherLive = await make(other.id, "Authenticator app");
  const otherWaiting = await make(other.id, "Waiting");
  await ctx.db.totpFactor.update({
    where: { id: otherLive.id },
    data: { confirmedAt: ctx.now, provisionedBy: null },
  });
  const { number } = await ctx.db.totpFactor.findUniqueOrThrow({ where: { id: person.factorId } });
  return {
    ...nobody,
    ctx: later(ctx, who === "lapsed token" ? 86_400 : 60),
    userId: person.user.id,
    apiToken: made.token,
    values: {
      ...nobody.values,
      "<code>": person.phone.code(later(ctx, 60).now),
      "<code, quoted>": `"${person.phone.code(later(ctx, 60).now)}"`,
      "<user id>": person.user.id,
      "<TOTP id>": person.factorId,
      "<email>": person.email,
      "<token>": made.token,
      "<own number>": String(person.user.number),
      "<own pk>": String(person.user.number),
      "<own id>": person.user.id,
      "<device number>": String(number),
      "<device pk>": String(number),
      "<device id>": person.factorId,
      "<waiting number>": String(waiting.number),
      "<waiting pk>": String(waiting.number),
      "<waiting id>": waiting.id,
      "<other number>": String(other.number),
      "<other id>": other.id,
      "<other email>": other.email,
      "<other device number>": String(otherLive.number),
      "<other device id>": otherLive.id,
      "<other waiting id>": otherWaiting.id,
    },
  };
}
