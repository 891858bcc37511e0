/**
 * OWASP's Argon2id setting: 19 MiB, 2 passes, 1 lane. (Argon2id is the library's default; the form in passwords.ts proves it.)
 * Most tests put lib/crypto/testing/low-argon2-cost.ts in its place: see vitest.config.ts.
 */
export const ARGON2ID = { memoryCost: 19456, timeCost: 2, parallelism: 1 } as const;
