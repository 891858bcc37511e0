// Headers that every answer carries, static files and API answers included. Pages get their content policy, with a
// nonce for each request, from proxy.ts; nothing else of ours may run or embed anything.
const everywhere = [
  { key: "X-Content-Type-Options", value: "nosniff" },
  { key: "X-Frame-Options", value: "DENY" },
  // Not "no-referrer": with it a browser sends "Origin: null" with our own forms (Fetch standard, section 3.2), and the
  // check of where a form came from could no longer tell ours from a stranger's. Other origins get no referrer either way.
  { key: "Referrer-Policy", value: "same-origin" },
  {
    key: "Permissions-Policy",
    value: "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
  },
  { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
  { key: "Cross-Origin-Resource-Policy", value: "same-origin" },
];
const inert = { key: "Content-Security-Policy", value: "default-src 'none'; frame-ancestors 'none'" };
const unstored = { key: "Cache-Control", value: "no-store" };

/** @type {import("next").NextConfig} */
export default {
  poweredByHeader: false,
  // Some outside APIs have addresses that end in a slash and some do not; a redirect would lose their POST bodies.
  skipTrailingSlashRedirect: true,
  // Packages that load their own native or WebAssembly parts, or must be one copy for the whole process.
  serverExternalPackages: ["@node-rs/argon2", "@prisma/adapter-pg", "@prisma/client", "pg"],
  // Only text that a thread runs names it (lib/crypto/argon2.ts): a host that takes along what was traced would leave it out.
  outputFileTracingIncludes: { "/**": ["node_modules/@node-rs/**/*"] },
  // Nothing is generated into the project's folder but .next and next-env.d.ts.
  agentRules: false,
  devIndicators: false,
  // In development Next would print what forms hold.
  logging: { serverFunctions: false },
  images: { unoptimized: true },
  // Checked by `npm run types`, tests and scripts included.
  typescript: { ignoreBuildErrors: true },
  experimental: { serverActions: { bodySizeLimit: "64kb" } },
  headers: async () => [
    { source: "/:path*", headers: everywhere },
    { source: "/api/:path*", headers: [inert, unstored] },
    { source: "/resources/:path*", headers: [inert, unstored] },
    { source: "/v2/:path*", headers: [inert, unstored] },
    { source: "/zitadel.:path*", headers: [inert, unstored] },
    { source: "/_next/static/:path*", headers: [inert] },
    { source: "/icon.svg", headers: [inert] },
  ],
};
