import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { findProjectRoot } from "@/lib/db/project-root";
import { until } from "./process";

/** @throws Error when there is none; script/test gets one */
function findCaddy(): string {
  const folders = [
    ...(process.env.PATH ?? "").split(delimiter),
    join(findProjectRoot(), "node_modules/.cache/caddy/usr/bin"),
  ];
  const found = folders.map((folder) => join(folder, "caddy")).find((path) => existsSync(path));
  if (!found) throw new Error("No Caddy here: script/test gets one, or install it");
  return found;
}

/**
 * Runs Caddy with deploy/Caddyfile, without TLS, on this machine.
 * @param port where it listens
 * @param upstreams the instances' ports, in the order of the file's
 */
export async function startCaddy(port: number, upstreams: string[]): Promise<{ stop(): Promise<void> }> {
  const home = mkdtempSync(join(tmpdir(), "countersign-caddy-"));
  const rest = [...upstreams];
  const file = readFileSync(join(findProjectRoot(), "deploy/Caddyfile"), "utf8").replace(
    /countersign-\d:3000/g,
    () => `127.0.0.1:${rest.shift()}`,
  );
  const config = join(home, "Caddyfile");
  // Its own port for changes while it runs is one for the whole machine.
  writeFileSync(config, `{\n\tadmin off\n}\n${file}`);
  const child = spawn(findCaddy(), ["run", "--config", config, "--adapter", "caddyfile"], {
    env: { NODE_ENV: "test", HOME: home, PUBLIC_HOST: `http://localhost:${port}` },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let output = "";
  child.stderr.on("data", (chunk) => {
    output += chunk;
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const stop = async () => {
    child.kill("SIGKILL");
    await ended;
    rmSync(home, { recursive: true, force: true });
  };
  try {
    await until(async () => {
      if (child.exitCode !== null) throw new Error("it ended");
      return (await fetch(`http://localhost:${port}/readyz`).catch(() => null))?.ok ?? false;
    }, 30_000);
  } catch (error) {
    await stop();
    throw new Error(`Caddy does not serve: ${output}`, { cause: error });
  }
  return { stop };
}
