import { env } from "@/lib/env";

/** Whether our pages are shown there: the public address, and on this machine its other names. */
function isOwnOrigin(origin: string): boolean {
  const { protocol, hostname, port, origin: ours } = env().publicUrl;
  const loopback = ["localhost", "127.0.0.1", "[::1]"];
  if (!loopback.includes(hostname)) return origin === ours;
  return loopback.some((name) => origin === `${protocol}//${name}${port ? `:${port}` : ""}`);
}

/**
 * Whether another site made a browser ask (Fetch, section 3.2; Fetch Metadata, section 2.4). Clients that are no browsers send
 * neither header.
 */
export function isForeign(headers: Headers): boolean {
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site");
  const isCrossSite = site !== null && site !== "same-origin" && site !== "none";
  return (origin !== null && !isOwnOrigin(origin)) || isCrossSite;
}
