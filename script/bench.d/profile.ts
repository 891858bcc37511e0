import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Measured } from "./job";

/** Where the web process spent the time of one step, as shares of that time, the largest first. */
export type StepProfile = {
  step: Measured["step"];
  functions: { share: number; name: string; place: string }[];
};

/** What V8 writes. Times are microseconds of the monotonic clock. */
type CpuProfile = {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  startTime: number;
  samples: number[];
  timeDeltas: number[];
};

const SHOWN = 20;

/** Sums the samples of a profile by function, for the time of each step. Throws when there is no profile. */
export function topFunctions(folder: string, steps: Measured[]): StepProfile[] {
  const file = readdirSync(folder).find((name) => name.endsWith(".cpuprofile"));
  if (!file) throw new Error("the web process left no profile");
  // Written by V8.
  const profile = JSON.parse(readFileSync(join(folder, file), "utf8")) as CpuProfile;
  return steps.map((measured) => ({ step: measured.step, functions: functionsWithin(profile, measured) }));
}

function functionsWithin(
  { nodes, startTime, samples, timeDeltas }: CpuProfile,
  { fromUs, untilUs }: Measured,
) {
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const sums = new Map<string, { name: string; place: string; us: number }>();
  let at = startTime;
  samples.forEach((id, index) => {
    const us = timeDeltas[index] ?? 0;
    at += us;
    const frame = byId.get(id);
    if (!frame || at < fromUs || at > untilUs) return;
    const name = frame.functionName || "(anonymous)";
    const place = frame.url ? `${shortened(frame.url)}:${frame.lineNumber + 1}` : "";
    const sum = sums.get(`${name} ${place}`) ?? { name, place, us: 0 };
    sum.us += us;
    sums.set(`${name} ${place}`, sum);
  });
  return [...sums.values()]
    .sort((a, b) => b.us - a.us)
    .slice(0, SHOWN)
    .map(({ name, place, us }) => ({
      share: Math.round((us / (untilUs - fromUs)) * 1000) / 1000,
      name,
      place,
    }));
}

const shortened = (url: string) =>
  url.replace(/^.*\/node_modules\//, "").replace(/^.*\/(?=(?:\.next|dist)\/)/, "");
