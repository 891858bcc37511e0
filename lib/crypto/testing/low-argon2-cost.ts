/** The same function at a fortieth of the work. A person of a test has a dozen hashes, and a run of the tests thousands of people. */
export const ARGON2ID = { memoryCost: 1024, timeCost: 1, parallelism: 1 } as const;
