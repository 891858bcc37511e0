/** Headers of every answer. Whoever answers may set a content policy of their own: pages do, with a nonce. */
export function securityHeaders(publicUrl: URL): [string, string][] {
  const headers: [string, string][] = [
    ["X-Content-Type-Options", "nosniff"],
    ["X-Frame-Options", "DENY"],
    // Not "no-referrer": with it browsers send "Origin: null" with our own forms (Fetch, section 3.2).
    ["Referrer-Policy", "same-origin"],
    [
      "Permissions-Policy",
      "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    ],
    ["Cross-Origin-Opener-Policy", "same-origin"],
    ["Cross-Origin-Resource-Policy", "same-origin"],
    ["Content-Security-Policy", inertPolicy],
    ["Cache-Control", "no-store"],
  ];
  // RFC 6797 section 7.2: not over plain HTTP. Two years.
  if (publicUrl.protocol === "https:") headers.push(["Strict-Transport-Security", "max-age=63072000"]);
  return headers;
}

/** For answers that run and embed nothing. */
export const inertPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
