import pg from "pg";
import { expect, inject, test } from "vitest";
import { OLDEST_POSTGRESQL, OldDatabaseError, refuseOld, requireVersion } from "./version";

test("a PostgreSQL server that is too old is refused in one sentence, before anything is changed", () => {
  const sentence = `PostgreSQL 14.22 is too old: ${OLDEST_POSTGRESQL} or newer is needed. Nothing was changed.`;
  expect(() => refuseOld("14.22 (Debian 14.22-1.pgdg12+1)")).toThrow(new OldDatabaseError(sentence));
  for (const old of ["9.6.24", "13.0", "14beta1"]) expect(() => refuseOld(old)).toThrow(OldDatabaseError);
  for (const fine of [`${OLDEST_POSTGRESQL}.0`, "17.6", "18beta1", "20devel", "100.1"])
    expect(() => refuseOld(fine)).not.toThrow();
});

test.each(["embedded", "postgresql"] as const)("the tests' own %s form is new enough", async (form) => {
  const client = new pg.Client(inject("connections")[form]);
  await client.connect();
  try {
    await expect(requireVersion(client)).resolves.toBeUndefined();
  } finally {
    await client.end();
  }
});
