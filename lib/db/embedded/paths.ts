import { createHash } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where an embedded database keeps its things. All paths are absolute. */
export type EmbeddedPaths = {
  dataDir: string;
  database: string;
  lock: string;
  socketDir: string;
  socket: string;
};

const socketName = ".s.PGSQL.5432";
// sockaddr_un holds 104 bytes on macOS and 108 on Linux, the closing NUL included.
const longestSocketPath = 103;

/**
 * The places of a data directory's embedded database. The socket lies in the data directory, unless its path
 * is longer than an address of a Unix socket can be: then in a directory of its own among the temporary ones.
 */
export function embeddedPaths(dataDir: string): EmbeddedPaths {
  const inside = join(dataDir, "run");
  const hash = createHash("sha256").update(dataDir).digest("hex").slice(0, 16);
  const fits = Buffer.byteLength(join(inside, socketName)) <= longestSocketPath;
  const socketDir = fits ? inside : join(tmpdir(), `countersign-${ownUserId()}-${hash}`);
  return {
    dataDir,
    database: join(dataDir, "database"),
    lock: join(dataDir, "lock"),
    socketDir,
    socket: join(socketDir, socketName),
  };
}

/**
 * Makes a directory that only this user can enter, or closes an existing one to others.
 * @throws Error when the path is a link, no directory, or someone else's: a planted directory among the
 *   temporary ones would hand the database's socket to whoever planted it
 */
export function makePrivateDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const stats = lstatSync(path);
  if (!stats.isDirectory()) throw new Error(`${path} is not a directory`);
  const owner = ownUserId();
  if (owner >= 0 && stats.uid !== owner) throw new Error(`${path} belongs to another user`);
  if ((stats.mode & 0o077) !== 0) chmodSync(path, 0o700);
}

/** -1 on systems that have none. Not asked of the system's list of users: in a container the id may have no entry there. */
function ownUserId(): number {
  return process.getuid?.() ?? -1;
}
