/** The parts of an address that vary, by the names that its pattern gives them. */
export type AddressParts = Readonly<Record<string, string>>;

/** An address as an operation has it, such as "/users/{id}", and how one is known. */
export type Address = { path: string; names: readonly string[]; pattern: RegExp };

/** Reads addresses once; those without parts that vary go before those with. */
export function readAddresses(paths: readonly string[]): Address[] {
  const addresses = [...new Set(paths)].map((path) => {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
    const literal = path.split(/\{\w+\}/).map((part) => part.replaceAll(/[.*+?^$()|[\]\\]/g, "\\$&"));
    return { path, names, pattern: new RegExp(`^${literal.join("([^/]+)")}/?$`) };
  });
  return addresses.sort((a, b) => a.names.length - b.names.length);
}

/** Which address a path is, with or without a slash at its end, and the parts of it that vary; null: none. */
export function findAddress(
  addresses: readonly Address[],
  path: string,
): { path: string; parts: AddressParts } | null {
  for (const address of addresses) {
    const found = address.pattern.exec(path);
    if (found === null) continue;
    const parts = found.slice(1).map(decoded);
    if (parts.includes(null)) return null;
    const named = address.names.map((name, at) => [name, parts[at] ?? ""] as const);
    return { path: address.path, parts: Object.fromEntries(named) };
  }
  return null;
}

/** Percent signs that stand for nothing make no address (RFC 3986, section 2.1), nor do texts that no database can hold. */
function decoded(part: string): string | null {
  try {
    const text = decodeURIComponent(part);
    return text.includes("\0") ? null : text;
  } catch {
    return null;
  }
}

/** An address with its parts put in, percent-encoded. Throws Error for one that is not given. */
export function fillAddress(path: string, parts: AddressParts): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const part = parts[name];
    if (part === undefined) throw new Error(`${path} needs its ${name}`);
    return encodeURIComponent(part);
  });
}
