import { createServer, type Server } from "node:http";
import next from "next";
import { setUpToken } from "@/lib/core/installation";
import { databaseConnection } from "@/lib/db/connection";
import { isUpToDate } from "@/lib/db/migrate";
import { findProjectRoot } from "@/lib/db/project-root";
import type { Env } from "@/lib/env";
import { type Log, log } from "@/lib/log";
import { type Delivery, startMailDelivery } from "@/lib/mail/deliver";
import { answerAllBy, type Direct, type Handle } from "./api";
import { readEntrypoints } from "./entrypoints";
import { createGrpcServer, type GrpcServer } from "./grpc/server";
import { boundedCheck, type ReadinessCheck } from "./health";
import { createHttpServer, type HttpServer } from "./http-server";
import { readKeys } from "./keys-file";
import { listen } from "./listen";
import { createMetrics } from "./metrics";
import { type Prepared, prepareDatabase } from "./prepare";
import { drain } from "./shutdown";
import { SupervisedDatabase } from "./supervise";
import { startUpkeep } from "./upkeep";

const readyWithinMs = 1500;
const drainWithinMs = 8000;
// In development every open page holds a web socket.
const devDrainWithinMs = 300;
const stopWithinMs = 15_000;

type Running = {
  prepared: Prepared;
  http: HttpServer;
  grpc: GrpcServer | null;
  /** What Prometheus reads. */
  figures: Server | null;
  mail: Delivery;
  stopUpkeep: () => Promise<void>;
  app: ReturnType<typeof next>;
  database: SupervisedDatabase | null;
};

/**
 * Runs the server until SIGTERM or SIGINT, then finishes what is in flight.
 * @param isDev with Next's development server instead of what `next build` made
 * @param direct what is answered without Next, but in development
 * @throws KeysError, EmbeddedDatabaseError, or an Error of the database or the port: it did not start
 */
export async function serve(env: Env, isDev: boolean, direct: Direct): Promise<void> {
  let running: Running | null = null;
  const stopAsked = new Promise<void>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      // Still starting: nothing is in flight, and the database process closes when this one is gone.
      process.on(signal, () => (running ? resolve() : process.exit(0)));
    }
  });
  // Next lets some rejections of aborted requests go unhandled; Node would end the process for one.
  process.on("unhandledRejection", (error) => log.event("unhandled rejection", { error }));
  readKeys(env);
  const database = env.databaseUrl === null ? await SupervisedDatabase.start(env.dataDir, log) : null;
  try {
    running = await start(env, isDev, direct, database);
  } catch (error) {
    await database?.stop();
    throw error;
  }
  announce(env, running.prepared);
  await stopAsked;
  await stop(running, isDev);
}

async function start(
  env: Env,
  isDev: boolean,
  direct: Direct,
  database: SupervisedDatabase | null,
): Promise<Running> {
  const prepared = await prepareDatabase(env);
  const app = next({
    dev: isDev,
    dir: findProjectRoot(),
    port: env.port,
    quiet: !isDev,
    // Next listens for web sockets on our server unless it is told of another one, and leaves open what it does not
    // know. Only its development server uses any.
    ...(isDev ? {} : { httpServer: createServer() }),
  });
  await app.prepare();
  const connection = databaseConnection(env);
  const isReady = boundedCheck(() => isUpToDate(connection), readyWithinMs);
  const metrics = env.metricsPort === null ? null : createMetrics(prepared.db);
  const counting = metrics?.counting(log) ?? log;
  const http = createHttpServer({
    env,
    handle: app.getRequestHandler(),
    // In development nothing is built before it is asked for.
    findEntrypoint: isDev ? () => null : readEntrypoints(findProjectRoot(), direct),
    findApi: isDev ? () => null : findHandle(direct),
    isReady,
    log: counting,
    isDev,
  });
  await listen(http, env.port, env.listenAddress);
  const grpc = await startGrpc(env, direct, isReady, counting);
  if (metrics && env.metricsPort !== null) await listen(metrics.server, env.metricsPort, env.metricsAddress);
  const mail = startMailDelivery(prepared.db, env, prepared.keys, log);
  const figures = metrics?.server ?? null;
  return { prepared, http, grpc, figures, app, database, mail, stopUpkeep: startUpkeep(prepared.db, log) };
}

async function startGrpc(
  env: Env,
  { rpc }: Direct,
  isReady: ReadinessCheck,
  counting: Log,
): Promise<GrpcServer | null> {
  if (env.grpcPort === null) return null;
  const grpc = createGrpcServer({ env, rpc, isReady, log: counting });
  await listen(grpc.http2, env.grpcPort, env.listenAddress);
  return grpc;
}

function findHandle(direct: Direct): (path: string) => Handle | null {
  return (path) => {
    const api = direct.findApi(path);
    return api && answerAllBy(api);
  };
}

function announce(env: Env, { keys, installation, migrated }: Prepared): void {
  if (migrated.length > 0) console.log(`Migrations applied: ${migrated.join(", ")}`);
  console.log(`Countersign is running at ${env.publicUrl.origin}`);
  if (env.metricsPort !== null)
    console.log(`Figures for Prometheus are served at ${env.metricsAddress}, port ${env.metricsPort}`);
  if (env.grpcPort !== null) console.log(`gRPC is served at port ${env.grpcPort}`);
  if (installation.claimedAt !== null) return;
  const link = new URL("/set-up", env.publicUrl);
  link.searchParams.set("token", setUpToken(keys, installation));
  console.log(`Make the first administrator here (the link works once): ${link.href}`);
}

async function stop(
  { prepared, http, grpc, figures, mail, stopUpkeep, app, database }: Running,
  isDev: boolean,
): Promise<void> {
  log.event("stopping");
  // Whatever hangs, an end comes; what was acknowledged is in the database.
  setTimeout(() => process.exit(0), stopWithinMs).unref();
  const withinMs = isDev ? devDrainWithinMs : drainWithinMs;
  await Promise.all([drain(http, withinMs), grpc?.stop(withinMs)]);
  figures?.closeAllConnections();
  figures?.close();
  await mail.stop();
  await stopUpkeep();
  await app.close();
  await prepared.db.$disconnect();
  await database?.stop();
  log.event("stopped");
}
