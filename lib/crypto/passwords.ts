import { hash, verify } from "@node-rs/argon2";

/** OWASP's Argon2id setting: 19 MiB, 2 passes, 1 lane. (Argon2id is the library's default; the form below proves it.) */
export const ARGON2ID = { memoryCost: 19456, timeCost: 2, parallelism: 1 } as const;

/** The encoded form (PHC string) starts like this while it was made with today's parameters. */
const CURRENT = `$argon2id$v=19$m=${ARGON2ID.memoryCost},t=${ARGON2ID.timeCost},p=${ARGON2ID.parallelism}$`;

let decoy: Promise<string> | undefined;

/** Argon2id (RFC 9106) of a password, as a PHC string with its own random salt. */
export function hashPassword(password: string): Promise<string> {
  return hash(password, ARGON2ID);
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
  decoy ??= hashPassword("");
  const matches = await verify(passwordHash ?? (await decoy), password);
  const isRight = matches && passwordHash !== null;
  return { isRight, needsRehash: isRight && !passwordHash.startsWith(CURRENT) };
}
