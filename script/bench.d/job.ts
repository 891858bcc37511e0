/** Somebody who signs in: `secret` is the authenticator's, in base32. */
export type BenchPerson = { id: string; email: string; password: string; secret: string };

/** What the client is to do. `warmUp` sign in first and are not counted. */
export type Job = {
  /** Whose addresses are asked: the pages', or Athena's API. */
  way: "pages" | "athena";
  url: string;
  warmUp: BenchPerson[];
  people: BenchPerson[];
  seconds: number;
  concurrency: number;
  /** The processes whose processor time is looked at; null for a database that is not ours. */
  processes: { web: number; database: number | null };
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
  /** Processor time for each request, over all threads; unlike the rest it hardly depends on what else runs here. */
  webCpuMs: number | null;
  databaseCpuMs: number | null;
  /** When it was measured, in microseconds of the machine's monotonic clock. */
  fromUs: number;
  untilUs: number;
};

/** What the client of `script/bench load` is to do: so many verifications in each second, come what may. */
export type LoadJob = {
  urls: string[];
  databaseUrl: string;
  people: BenchPerson[];
  perSecond: number;
  seconds: number;
};

/** Answers to codes. Times are from when a verification was due, so that waiting in a line counts. */
export type LoadMeasured = {
  due: number;
  verified: number;
  failed: number;
  failure: string | null;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  worstMs: number;
};

/** What the flood is to do: wrong passwords, `atOnce` on their way at any time. */
export type FloodJob = { urls: string[]; emails: string[]; atOnce: number; seconds: number };

/** How often each status was answered, and how long that took. */
export type FloodMeasured = { statuses: Record<number, number>; p50Ms: number; p99Ms: number };
