import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Measured } from "./job";

/** Where the web process spent the time of one step, as shares of that time, the largest first. */
export type StepProfile = {
  step: Measured["step"];
  /** Own time by package, Node's own parts and our bundles. */
  modules: { share: number; name: string }[];
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

/** Sums the samples of a profile for the time of each step. Throws when there is no profile. */
export function topFunctions(folder: string, steps: Measured[]): StepProfile[] {
  const file = readdirSync(folder).find((name) => name.endsWith(".cpuprofile"));
  if (!file) throw new Error("the web process left no profile");
  // Written by V8.
  const profile = JSON.parse(readFileSync(join(folder, file), "utf8")) as CpuProfile;
  return steps.map((measured) => {
    const frames = framesWithin(profile, measured);
    const functions = largest(frames, measured, ({ name, place }) => `${name}\n${place}`);
    return {
      step: measured.step,
      modules: largest(frames, measured, ({ place }) => moduleOf(place)),
      functions: functions.map(({ share, name }) => {
        const [own = "", place = ""] = name.split("\n");
        return { share, name: own, place };
      }),
    };
  });
}

type Frame = { name: string; place: string; us: number };

function framesWithin(profile: CpuProfile, { fromUs, untilUs }: Measured): Frame[] {
  const { nodes, samples, timeDeltas } = profile;
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
  let at = profile.startTime;
  return samples.flatMap((id, index) => {
    const us = timeDeltas[index] ?? 0;
    at += us;
    const frame = byId.get(id);
    if (!frame || at < fromUs || at > untilUs) return [];
    const place = frame.url ? `${shortened(frame.url)}:${frame.lineNumber + 1}` : "";
    return [{ name: frame.functionName || "(anonymous)", place, us }];
  });
}

function largest(frames: Frame[], { fromUs, untilUs }: Measured, keyOf: (frame: Frame) => string) {
  const sums = new Map<string, number>();
  for (const frame of frames) {
    const key = keyOf(frame);
    sums.set(key, (sums.get(key) ?? 0) + frame.us);
  }
  return [...sums]
    .sort(([, a], [, b]) => b - a)
    .slice(0, SHOWN)
    .map(([name, us]) => ({ name, share: Math.round((us / (untilUs - fromUs)) * 1000) / 1000 }));
}

/** "next/dist/compiled", "@prisma/client", "node:internal", ".next/server", or "native" for what has no file. */
function moduleOf(place: string): string {
  if (place === "") return "native, idle, garbage collector";
  const [first = "", second = "", third = ""] = place.split(":")[0] === "node" ? ["node"] : place.split("/");
  if (first === "next") return `${first}/${second}/${third}`;
  return first.startsWith("@") || first.startsWith(".") ? `${first}/${second}` : first;
}

const shortened = (url: string) => {
  const [, inPackage] = /^.*\/node_modules\/(.*)$/.exec(url) ?? [];
  return inPackage ?? url.replace(/^.*\/(?=(?:\.next|dist)\/)/, "");
};
