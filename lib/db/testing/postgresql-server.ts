import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";

/** A PostgreSQL server of our own. `url` names its maintenance database; stop() leaves nothing behind. */
export type PostgresqlServer = { url: string; stop(): Promise<void> };

/**
 * Starts a PostgreSQL server from the installed binaries in a temporary directory, reachable on a Unix socket
 * there. It ends with this process, however that ends.
 * @throws Error when PostgreSQL is not installed or does not start
 */
export async function startPostgresqlServer(): Promise<PostgresqlServer> {
  const bin = findBinaries();
  const owner = findOwner();
  const home = mkdtempSync(join(tmpdir(), "countersign-postgresql-"));
  if (owner) chownSync(home, owner.uid, owner.gid);
  const data = join(home, "data");
  const settings = { cwd: home, ...owner };
  execFileSync(
    join(bin, "initdb"),
    ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"],
    { ...settings, stdio: ["ignore", "ignore", "pipe"] },
  );
  const child = spawn("sh", ["-c", guarded, "sh", join(bin, "postgres"), data, home], {
    ...settings,
    stdio: ["pipe", "ignore", "pipe"],
  });
  let log = "";
  child.stderr?.on("data", (chunk) => {
    log = (log + chunk).slice(-2000);
  });
  const url = `postgresql://postgres@localhost/postgres?host=${encodeURIComponent(home)}`;
  await untilReachable(url, child, () => log);
  return { url, stop: () => stop(child, home) };
}

// The shell waits for its input to end, which the kernel does for a parent that was killed, too.
const guarded = `"$1" -D "$2" -k "$3" -c listen_addresses= -c fsync=off -c full_page_writes=off \\
  -c max_connections=200 </dev/null & server=$!
read -r line; kill -INT "$server"; wait "$server"; cd /; rm -rf "$3"`;

function findBinaries(): string {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...(process.env.PATH ?? "").split(delimiter),
    ...versions.map((version) => join(debian, version, "bin")),
    "/opt/homebrew/opt/postgresql/bin",
    "/usr/pgsql/bin",
  ];
  const found = folders.find((folder) => existsSync(join(folder, "initdb")));
  if (!found) {
    throw new Error("No PostgreSQL here: install it (apt-get install postgresql) or set DATABASE_URL_TEST");
  }
  return found;
}

/** PostgreSQL refuses to run as root: then its own user does, or nobody. */
function findOwner(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ["postgres", "nobody"]) {
    try {
      const id = (flag: string) => Number(execFileSync("id", [flag, name], { stdio: "pipe" }));
      return { uid: id("-u"), gid: id("-g") };
    } catch {
      // No such user: the next one.
    }
  }
  return undefined;
}

async function untilReachable(url: string, child: ChildProcess, readLog: () => string): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => {});
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (child.exitCode !== null || performance.now() > deadline) {
        throw new Error(`PostgreSQL did not start: ${readLog()}`, { cause: error });
      }
      await sleep(50);
    }
  }
}

async function stop(child: ChildProcess, home: string): Promise<void> {
  if (child.exitCode === null) {
    const ended = once(child, "exit");
    child.stdin?.end();
    await ended;
  }
  rmSync(home, { recursive: true, force: true });
}
