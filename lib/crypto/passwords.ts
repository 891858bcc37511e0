import { argon2Hash, argon2Verify } from "./argon2";
import { ARGON2ID } from "./argon2-cost";

/** The encoded form (PHC string) starts like this while it was made with today's parameters. */
const CURRENT = `$argon2id$v=19$m=${ARGON2ID.memoryCost},t=${ARGON2ID.timeCost},p=${ARGON2ID.parallelism}$`;

let decoy: Promise<string> | undefined;

/** Argon2id (RFC 9106) of a password, as a PHC string with its own random salt. */
export function hashPassword(password: string): Promise<string> {
  return argon2Hash(password);
}

/**
 * Whether the password belongs to the hash. Without a hash (nobody has that e-mail address) the same work is done
 * against a hash of no password, so that time tells nothing.
 * @returns `needsRehash` is true when the right password's hash was made with weaker parameters than today's
 */
export async function verifyPassword(
  passwordHash: string | null,
  password: string,
): Promise<{ isRight: boolean; needsRehash: boolean }> {
  decoy ??= hashPassword("").catch((error) => {
    decoy = undefined;
    throw error;
  });
  const matches = await argon2Verify(passwordHash ?? (await decoy), password);
  const isRight = matches && passwordHash !== null;
  return { isRight, needsRehash: isRight && !passwordHash.startsWith(CURRENT) };
}
