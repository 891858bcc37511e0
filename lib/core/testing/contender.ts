import { parseKeys } from "@/lib/crypto/keys";
import { openDatabase } from "@/lib/db/client";
import { completeSignIn } from "../challenges";
import type { Context } from "../context";

/** A process of its own that submits one code many times at once and reports how often it got a session. */
process.once("message", async (message) => {
  const job = JSON.parse(String(message));
  const db = openDatabase({ ...job.connection, connectionTimeoutMillis: 20_000, query_timeout: 20_000 });
  const ctx: Context = {
    db,
    keys: parseKeys(JSON.stringify(job.keys)),
    settings: {
      issuer: "Countersign",
      signUp: "open",
      rateLimitAddress: false,
      sessionIdleMinutes: 60,
      sessionMaxHours: 24,
      emailCodes: true,
    },
    now: new Date(job.now),
    address: "192.0.2.1",
    userAgent: "Test",
    via: "pages",
    browserToken: null,
    trustToken: null,
    keepsCookies: true,
    keptToken: null,
  };
  const tokens: string[] = job.tokens;
  const results = await Promise.allSettled(
    tokens.map((challengeToken) => completeSignIn(ctx, { challengeToken, code: job.code })),
  );
  await db.$disconnect();
  process.send?.(results.filter(({ status }) => status === "fulfilled").length, () => process.exit(0));
});
