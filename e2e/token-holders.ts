import { SCOPES } from "@/lib/core/access/scopes";
import { createApiTokenFor, readApiToken } from "@/lib/core/api-tokens";
import type { Context } from "@/lib/core/context";
import { provisionTotp } from "@/lib/core/factors/provisioned-totp";
import { makePerson, makeProtectedPerson } from "./people";

/** An administrator with a token for everything, an authenticator that waits for them, and somebody else. */
export async function makeTokenHolder(
  ctx: Context,
): Promise<{ apiToken: string; values: Record<string, string> }> {
  const { db, keys, address } = ctx;
  const person = await makeProtectedPerson(db, keys, address, true);
  const other = await makePerson(db, keys, address);
  const asked = { email: person.email, name: "Documents", scopes: SCOPES, actor: "test" };
  const { token } = await createApiTokenFor(ctx, asked);
  const holder = await readApiToken(ctx, token);
  if (!holder) throw new Error("this token should be live");
  const waiting = await provisionTotp(ctx, holder, { userId: person.id, name: "Waiting" });
  const live = await db.totpFactor.findUniqueOrThrow({ where: { id: person.factorId } });
  const { number: otherNumber } = await db.user.findUniqueOrThrow({ where: { id: other.id } });
  return {
    apiToken: token,
    values: {
      "<email>": person.email,
      "<own number>": String(holder.user.number),
      "<own pk>": String(holder.user.number),
      "<own id>": person.id,
      "<device number>": String(live.number),
      "<device pk>": String(live.number),
      "<waiting number>": String(waiting.number),
      "<waiting pk>": String(waiting.number),
      "<other number>": String(otherNumber),
      "<other id>": other.id,
      "<other email>": other.email,
    },
  };
}
