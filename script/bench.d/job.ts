/** Somebody who signs in: `secret` is the authenticator's, in base32. */
export type BenchPerson = { email: string; password: string; secret: string };

/** What the client is to do. `warmUp` sign in first and are not counted. */
export type Job = {
  url: string;
  warmUp: BenchPerson[];
  people: BenchPerson[];
  seconds: number;
  concurrency: number;
};

/** One step, measured. */
export type Measured = {
  step: "password" | "code" | "session";
  requests: number;
  failed: number;
  /** The first failure in words, if there was one. */
  failure: string | null;
  perSecond: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  /** When it was measured, in microseconds of the machine's monotonic clock. */
  fromUs: number;
  untilUs: number;
};
