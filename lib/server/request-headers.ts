import type { IncomingMessage } from "node:http";
import type { Env } from "@/lib/env";
import { clientAddress } from "./address";

// What only a proxy, our gate or Next's own parts may say; the last line is Next's list of headers that it uses within
// itself, which its own server takes away (next/dist/server/lib/server-ipc/utils) and a route called without it does not.
const notFromOutside = new RegExp(
  "^(?:x-forwarded-|x-countersign-|x-nonce$|x-real-ip$|forwarded$|content-security-policy" +
    "|x-middleware-|x-now-route-matches$|x-matched-path$|x-nextjs-data$|x-next-resume-state-length$|next-resume$)",
);

/** What a request is known by: the addresses under which a browser may show our pages, `host` to `origin`. */
export type OurHosts = Map<string, string>;

/**
 * PUBLIC_URL's host; on this machine's own name also the other names of it, as people type any of them.
 * @returns host with port → origin
 */
export function ourHosts(publicUrl: URL): OurHosts {
  const loopback = ["localhost", "127.0.0.1", "[::1]"];
  const names = loopback.includes(publicUrl.hostname) ? loopback : [publicUrl.hostname];
  const port = publicUrl.port ? `:${publicUrl.port}` : "";
  return new Map(names.map((name) => [`${name}${port}`, `${publicUrl.protocol}//${name}${port}`]));
}

/**
 * Makes a request's headers say only what is known: who asks and at which address of ours, as `x-forwarded-for`
 * (one address), `x-forwarded-proto` and `x-forwarded-host`, and nothing that only we may say.
 */
export function setKnownHeaders(
  request: IncomingMessage,
  env: Pick<Env, "publicUrl" | "trustedProxies">,
  hosts: OurHosts,
): string {
  const { headers } = request;
  const address = clientAddress(
    request.socket.remoteAddress,
    // Node joins repeated headers of this name; its type does not know.
    String(headers["x-forwarded-for"] ?? ""),
    env.trustedProxies,
  );
  for (const name in headers) if (notFromOutside.test(name)) delete headers[name];
  const host = headers.host && hosts.has(headers.host) ? headers.host : env.publicUrl.host;
  headers.host = host;
  headers["x-forwarded-for"] = address;
  headers["x-forwarded-host"] = host;
  headers["x-forwarded-proto"] = env.publicUrl.protocol.slice(0, -1);
  return address;
}
