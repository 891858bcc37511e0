import type { Measured } from "./job";

/** False: there was nothing to do, which counts as no request. */
type Work = (turn: number) => Promise<unknown>;

/** Keeps `concurrency` requests going for so many seconds, and for at least so many requests. */
export function measureFor(
  step: Measured["step"],
  { seconds, concurrency, atLeast = 1 }: { seconds: number; concurrency: number; atLeast?: number },
  work: Work,
): Promise<Measured> {
  const deadline = performance.now() + seconds * 1000;
  return measure(step, concurrency, work, (turn) => turn < atLeast || performance.now() < deadline);
}

/** Does something once for each item, `concurrency` at a time. */
export function measureEach<T>(
  step: Measured["step"],
  concurrency: number,
  items: T[],
  work: (item: T) => Promise<boolean>,
): Promise<Measured> {
  const each: Work = async (turn) => {
    const item = items[turn];
    return item === undefined ? false : work(item);
  };
  return measure(step, concurrency, each, (turn) => turn < items.length);
}

const nowUs = () => Number(process.hrtime.bigint() / 1000n);

async function measure(
  step: Measured["step"],
  concurrency: number,
  work: Work,
  isWanted: (turn: number) => boolean,
): Promise<Measured> {
  const times: number[] = [];
  const failures: unknown[] = [];
  let next = 0;
  const fromUs = nowUs();
  const worker = async () => {
    while (isWanted(next)) {
      const began = performance.now();
      const turn = next++;
      try {
        if ((await work(turn)) !== false) times.push(performance.now() - began);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const untilUs = nowUs();
  times.sort((a, b) => a - b);
  const [failure = null] = failures.map(String);
  return {
    step,
    requests: times.length,
    failed: failures.length,
    failure,
    perSecond: rounded((times.length / (untilUs - fromUs)) * 1_000_000),
    p50Ms: percentile(times, 0.5),
    p95Ms: percentile(times, 0.95),
    p99Ms: percentile(times, 0.99),
    fromUs,
    untilUs,
  };
}

/** Of sorted numbers: the smallest that so large a share does not exceed. */
function percentile(sorted: number[], share: number): number {
  return rounded(sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0);
}

const rounded = (value: number) => Math.round(value * 10) / 10;
