import { createHmac, timingSafeEqual } from "node:crypto";
import type { Keys } from "@/lib/crypto/keys";
import { isId } from "./ids";
import { LIMITS } from "./limits";

// What a mail carries that opens something is derived from a row's id with a key that is not in the database, and stored
// nowhere: neither the outbox nor the row holds it, and the mail can be made again as often as it is tried.

/** The token of a link in a mail: its row's id and a proof of it, 256 bits. */
export function mailLinkToken(keys: Keys, id: string): string {
  const proof = createHmac("sha256", keys.pepper).update(`mail-link\n${id}`).digest("base64url");
  return `${id}.${proof}`;
}

const CODE_SPACE = 10 ** LIMITS.mailedCode.digits;

/** The digits of a mailed code: 48 bits of a keyed hash, so that no code is likelier than another by more than one in 10^8. */
export function mailedCode(keys: Keys, id: string): string {
  const hash = createHmac("sha256", keys.pepper).update(`mailed-code\n${id}`).digest();
  return String(hash.readUIntBE(0, 6) % CODE_SPACE).padStart(LIMITS.mailedCode.digits, "0");
}

/** The id of the row that a token names, or null for what is none of ours. Whether the row is there is another question. */
export function mailLinkId(keys: Keys, token: string): string | null {
  const [id = ""] = token.split(".");
  if (!isId(id)) return null;
  const expected = Buffer.from(mailLinkToken(keys, id));
  const given = Buffer.from(token);
  return given.length === expected.length && timingSafeEqual(given, expected) ? id : null;
}
