import type { TestProject } from "vitest/node";
import { startTestEmbedded, startTestPostgresql, type TestDatabase } from "./databases";
import type { Connections } from "./test-database";

/** Starts both forms of the database for a test run. Returns what stops them. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const started: TestDatabase[] = [];
  const stop = async () => {
    await Promise.allSettled(started.map((database) => database.stop()));
  };
  const start = async (open: () => Promise<TestDatabase>) => {
    const database = await open();
    started.push(database);
    return database.connection;
  };
  const results = await Promise.allSettled([start(startTestEmbedded), start(startTestPostgresql)]);
  const [embedded, postgresql] = results;
  if (embedded?.status !== "fulfilled" || postgresql?.status !== "fulfilled") {
    await stop();
    throw results.find((result) => result.status === "rejected")?.reason;
  }
  const connections: Connections = { embedded: embedded.value, postgresql: postgresql.value };
  project.provide("connections", connections);
  return stop;
}
