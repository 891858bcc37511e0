import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KeysError, withNewKey, withoutKey } from "@/lib/crypto/keys";
import { open, seal, UnsealError } from "@/lib/crypto/seal";
import { changeKeys, createKeys, KEYS_REREAD_MS, keysPath, readKeys, readLiveKeys } from "./keys-file";

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "countersign-keys-"));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const place = () => ({ dataDir, keys: null });
const addKey = () =>
  changeKeys(place(), (text) => {
    const { text: changed, name } = withNewKey(text);
    return { text: changed, result: name };
  });
const dropKey = (name: string) =>
  changeKeys(place(), (text) => ({ text: withoutKey(text, name), result: null }));
const secret = Buffer.from("secret");

/** The keys as a server that runs has them, which must be there. */
function live(now: () => number) {
  const keys = readLiveKeys(place(), now);
  if (!keys) throw new Error("there should be keys");
  return keys.ring;
}

describe("the keys of a server that runs on", () => {
  it("open at once what a key seals that came since, and seal with it from the next second on", () => {
    const { ring: before } = createKeys(place());
    let now = 0;
    const ring = live(() => now);
    const old = seal(before, secret, "a");
    expect(addKey()).toBe("k2");
    const added = readKeys(place())?.ring;
    if (!added) throw new Error("there should be keys");
    expect(seal(ring, secret, "a")).toMatch(/^k1\./);
    expect(open(ring, seal(added, secret, "a"), "a")).toEqual(secret);
    now += KEYS_REREAD_MS;
    expect(seal(ring, secret, "a")).toMatch(/^k2\./);
    expect(open(ring, old, "a")).toEqual(secret);
    dropKey("k1");
    now += KEYS_REREAD_MS;
    expect(seal(ring, secret, "a")).toMatch(/^k2\./);
    expect(() => open(ring, old, "a")).toThrow(UnsealError);
  });

  it("stay as they are while the file is broken or gone", () => {
    createKeys(place());
    let now = 0;
    const ring = live(() => now);
    for (const text of ["", "{", '{"seal":"k1:short"}']) {
      writeFileSync(keysPath(dataDir), text);
      now += KEYS_REREAD_MS;
      expect(seal(ring, secret, "a")).toMatch(/^k1\./);
    }
    rmSync(keysPath(dataDir));
    now += KEYS_REREAD_MS;
    expect(seal(ring, secret, "a")).toMatch(/^k1\./);
  });
});

describe("a change of the key file", () => {
  it("leaves it as private as it was, and nothing beside it", () => {
    createKeys(place());
    addKey();
    addKey();
    expect([...(readKeys(place())?.ring.keys.keys() ?? [])]).toEqual(["k3", "k2", "k1"]);
    expect(statSync(keysPath(dataDir)).mode & 0o777).toBe(0o600);
    expect(existsSync(`${keysPath(dataDir)}.new`)).toBe(false);
  });

  it("is nobody's while somebody else is at it, nor where what comes of it are no keys", () => {
    createKeys(place());
    const before = readFileSync(keysPath(dataDir), "utf8");
    expect(() => changeKeys(place(), () => ({ text: "{}", result: null }))).toThrow(KeysError);
    writeFileSync(`${keysPath(dataDir)}.new`, "");
    expect(() => addKey()).toThrow(/somebody else changes the keys/);
    expect(readFileSync(keysPath(dataDir), "utf8")).toBe(before);
  });

  it("takes away neither the key that seals, nor one that is not there", () => {
    createKeys(place());
    addKey();
    expect(() => dropKey("k2")).toThrow(/is the one that seals/);
    expect(() => dropKey("k7")).toThrow(/there is no key/);
    dropKey("k1");
    expect([...(readKeys(place())?.ring.keys.keys() ?? [])]).toEqual(["k2"]);
  });
});
