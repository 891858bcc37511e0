import ipaddr from "ipaddr.js";
import type { Env, Network } from "@/lib/env";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/**
 * Whose request it is: the connection's other end or, when that is a trusted proxy, the nearest address in
 * X-Forwarded-For that is none. What cannot be read as an address ends the search: nobody gains by garbage.
 * @param peer the address at the other end of the connection
 * @param forwardedFor the header as it came, every proxy having added an address at its end
 * @returns an address as text; IPv4 in its own form even where it came mapped into IPv6
 */
export function clientAddress(peer: string | undefined, forwardedFor: string, trusted: Network[]): string {
  let nearest = parse(peer ?? "");
  if (!nearest) return "unknown";
  if (trusted.length === 0) return nearest.toString();
  const hops = forwardedFor.split(",");
  while (isTrusted(nearest, trusted)) {
    const next = parse((hops.pop() ?? "").trim());
    if (!next) break;
    nearest = next;
  }
  return nearest.toString();
}

function parse(text: string): Address | null {
  // A link-local peer carries its interface (fe80::1%eth0); some proxies add a port (192.0.2.1:4711, [2001:db8::1]:4711).
  const bare = text
    .replace(/%.*$/, "")
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, "$1")
    .replace(/^\[([^\]]+)\](?::\d+)?$/, "$1");
  return ipaddr.isValid(bare) ? ipaddr.process(bare) : null;
}

function isTrusted(address: Address, trusted: Network[]): boolean {
  return trusted.some(([network, bits]) => address.kind() === network.kind() && address.match(network, bits));
}

/** Where this machine itself reaches the server: an origin. Every address can be listened at, but not gone to. */
export function ownOrigin({ listenAddress, port }: Pick<Env, "listenAddress" | "port">): string {
  if (listenAddress === null || /^[0.:]+$/.test(listenAddress)) return `http://127.0.0.1:${port}`;
  return `http://${listenAddress.includes(":") ? `[${listenAddress}]` : listenAddress}:${port}`;
}
