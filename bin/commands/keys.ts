import { setTimeout as wait } from "node:timers/promises";
import type { Command } from "commander";
import type { Context } from "@/lib/core/context";
import { countSealed, noteKeys, sealAnew } from "@/lib/core/key-rotation";
import { generateKeys, withNewKey, withoutKey } from "@/lib/crypto/keys";
import { env } from "@/lib/env";
import { changeKeys, KEYS_REREAD_MS, keysPath, readKeys } from "@/lib/server/keys-file";
import { actorName, withContext } from "../context";
import { print } from "../print";
import { Problem } from "../problem";

type Json = { json?: boolean };
type Rotate = Json & { onlyInstance?: boolean };

/** countersign keys … */
export function addKeys(program: Command): void {
  const keys = program.command("keys").description("the keys that seal what is stored");
  keys
    .command("new")
    .description(
      "print new keys for COUNTERSIGN_KEYS on one line; nothing is stored, and nothing is asked of a database",
    )
    .action(() => console.log(JSON.stringify(JSON.parse(generateKeys()))));
  keys
    .command("list")
    .description("show the keys' names, never the keys, and how much each seals")
    .option("--json", "print JSON, one array")
    .action(list);
  keys
    .command("rotate")
    .description("make a new key and seal everything with it, while the server runs; begun again, it goes on")
    .option("--only-instance", "with DATABASE_URL: no other server has a copy of the key file")
    .option("--json", "print JSON")
    .action(rotate);
  keys
    .command("drop")
    .description("remove a key that seals nothing any more")
    .argument("<name>", "as keys list shows it")
    .option("--json", "print JSON")
    .action(drop);
}

async function list(options: Json): Promise<void> {
  const shown = await withContext(async ({ db, keys: { ring } }) => {
    const counts = await countSealed(db);
    return [...ring.keys.keys()].map((name) => ({
      name,
      seals: name === ring.sealingKey,
      secrets: counts.get(name) ?? 0,
    }));
  });
  const lines = shown.map(
    ({ name, seals, secrets }) => `${name}\t${seals ? "seals" : "opens"}\t${secrets} secrets`,
  );
  print(options.json, shown, lines);
}

async function rotate(options: Rotate): Promise<void> {
  const { key, count } = await withContext(async (ctx) => {
    const ring = await ringToSealWith(ctx, options);
    const sealed = await sealAnew(ctx.db, ring, options.json ? undefined : tell);
    await noteKeys(ctx, actorName(), { did: "rotated", key: ring.sealingKey, count: sealed });
    return { key: ring.sealingKey, count: sealed };
  });
  const place = env().keys === null ? "keys drop" : "take them out of COUNTERSIGN_KEYS";
  print(options.json, { key, count }, [
    `Sealed by ${key} now, secrets: ${count}`,
    `The other keys are needed no more, but for backups from before; to remove them: ${place}`,
  ]);
}

/**
 * A new key in the file, and the time that running servers take to see it; but none where a rotation was broken off, which
 * goes on with its key, nor where the keys come from the environment, which has the new one first already.
 */
async function ringToSealWith({ db, keys: { ring } }: Context, { onlyInstance = false }: Rotate) {
  const settings = env();
  const counts = await countSealed(db);
  const isUnfinished = [...counts].some(([name, count]) => name !== ring.sealingKey && count > 0);
  if (isUnfinished) return ring;
  if (settings.keys !== null)
    throw new Problem(
      "Put a new key first in COUNTERSIGN_KEYS, on every instance, and rotate then: see README",
    );
  // Another one's copy of the file would not have the key that it meets in the database.
  if (settings.databaseUrl !== null && !onlyInstance)
    throw new Problem(
      "Give every instance the new key first, as README says; or, if this is the only one, add --only-instance",
    );
  changeKeys(settings, (text) => {
    const made = withNewKey(text);
    return { text: made.text, result: made.name };
  });
  await wait(2 * KEYS_REREAD_MS);
  const keys = readKeys(settings);
  if (keys === null) throw new Problem(`${keysPath(settings.dataDir)} is gone`);
  return keys.ring;
}

function tell(count: number): void {
  if (count % 10_000 === 0) console.error(`${count} secrets so far`);
}

async function drop(name: string, options: Json): Promise<void> {
  await withContext(async (ctx) => {
    const count = (await countSealed(ctx.db)).get(name) ?? 0;
    if (count > 0)
      throw new Problem(`${count} secrets are sealed by ${name} still: run countersign keys rotate first`);
    changeKeys(env(), (text) => ({ text: withoutKey(text, name), result: null }));
    await noteKeys(ctx, actorName(), { did: "dropped", key: name, count: 0 });
  });
  print(options.json, { name }, [
    `The key ${name} is removed. Backups from before need it: keep it with them.`,
  ]);
}
