import { readFileSync } from "node:fs";
import type { Job, Measured } from "./job";

/** What is the same for each step. */
type Setting = Pick<Job, "concurrency" | "processes">;

/** False: there was nothing to do, which counts as no request. */
type Work = (turn: number) => Promise<unknown>;

/** Keeps `concurrency` requests going for so many seconds, and for at least so many requests. */
export function measureFor(
  step: Measured["step"],
  setting: Setting & { seconds: number; atLeast?: number },
  work: Work,
): Promise<Measured> {
  const { seconds, atLeast = 1 } = setting;
  const deadline = performance.now() + seconds * 1000;
  return measure(step, setting, work, (turn) => turn < atLeast || performance.now() < deadline);
}

/** Does something once for each item, `concurrency` at a time. */
export function measureEach<T>(
  step: Measured["step"],
  setting: Setting,
  items: T[],
  work: (item: T) => Promise<boolean>,
): Promise<Measured> {
  const each: Work = async (turn) => {
    const item = items[turn];
    return item === undefined ? false : work(item);
  };
  return measure(step, setting, each, (turn) => turn < items.length);
}

const nowUs = () => Number(process.hrtime.bigint() / 1000n);

async function measure(
  step: Measured["step"],
  { concurrency, processes }: Setting,
  work: Work,
  isWanted: (turn: number) => boolean,
): Promise<Measured> {
  const times: number[] = [];
  const failures: unknown[] = [];
  let next = 0;
  const cpuBefore = processorTimes(processes);
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
  const cpuAfter = processorTimes(processes);
  const cpuEach = (of: keyof Job["processes"]) => {
    const [before, after] = [cpuBefore[of], cpuAfter[of]];
    return before === null || after === null
      ? null
      : Math.round(((after - before) / (times.length + failures.length)) * 100) / 100;
  };
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
    webCpuMs: cpuEach("web"),
    databaseCpuMs: cpuEach("database"),
    fromUs,
    untilUs,
  };
}

function processorTimes({ web, database }: Job["processes"]) {
  return { web: processorMs(web), database: processorMs(database) };
}

/** The processor time that a process has used. From /proc (see proc(5)), so on Linux alone; elsewhere null. */
function processorMs(pid: number | null): number | null {
  try {
    const [, fields = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
    const values = fields.split(" ").map(Number);
    // utime and stime, fields 14 and 15, in ticks of a hundredth of a second.
    return ((values[11] ?? 0) + (values[12] ?? 0)) * 10;
  } catch {
    return null;
  }
}

/** Of sorted numbers: the smallest that so large a share does not exceed. */
export function percentile(sorted: number[], share: number): number {
  return rounded(sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0);
}

const rounded = (value: number) => Math.round(value * 10) / 10;
