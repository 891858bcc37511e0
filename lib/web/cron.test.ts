import { expect, test } from "vitest";
import { EnvError, readEnv } from "@/lib/env";
import { cron } from "./cron";

const ask = (settings: Record<string, string>, headers: Record<string, string>) =>
  cron(
    () => readEnv(settings),
    () => {
      throw new Error("the database is asked for nothing");
    },
  )(new Request("http://localhost:3000/api/cron", { headers }));

test("where no secret is set, nobody may ask for mails to be sent, and nobody is told why", async () => {
  for (const headers of [{}, { Authorization: "Bearer " }, { Authorization: "Bearer null" }] as Record<
    string,
    string
  >[])
    expect((await ask({}, headers)).status).toBe(404);
});

test("a secret that is short is no setting, and one that is nearly right opens nothing", async () => {
  expect(() => readEnv({ CRON_SECRET: "a".repeat(31) })).toThrow(EnvError);
  const CRON_SECRET = "0123456789abcdef0123456789abcdef";
  for (const proof of [
    "",
    CRON_SECRET,
    "Bearer",
    `Bearer ${CRON_SECRET}0`,
    `bearer ${CRON_SECRET}`,
    `Basic ${CRON_SECRET}`,
  ])
    expect((await ask({ CRON_SECRET }, { Authorization: proof })).status).toBe(401);
});
