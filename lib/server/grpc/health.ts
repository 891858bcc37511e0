import { setTimeout as sleep } from "node:timers/promises";
import type { DescService } from "@bufbuild/protobuf";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import type { ReadinessCheck } from "../health";
import { Health, HealthCheckResponse_ServingStatus as Status } from "./protocol/grpc/health/v1/health_pb";

const watchEveryMs = 2_000;
/** Asking the database costs a connection: those who watch are told the same within this time. */
const rememberedMs = 1_000;

/**
 * Adds gRPC's health checking: the server, named "", and each of its services are serving while the instance is ready.
 * @param stopping ends the calls of those that watch
 */
export function addHealth(
  router: ConnectRouter,
  services: readonly DescService[],
  isReady: ReadinessCheck,
  stopping: AbortSignal,
): void {
  const names = new Set(["", ...services.map(({ typeName }) => typeName)]);
  const check = async () => ((await isReady()) ? Status.SERVING : Status.NOT_SERVING);
  let asked: { at: number; status: Promise<Status> } | null = null;
  const glance = (): Promise<Status> => {
    const now = performance.now();
    if (asked === null || now - asked.at > rememberedMs) asked = { at: now, status: check() };
    return asked.status;
  };
  router.service(Health, {
    check: async ({ service }) => {
      if (!names.has(service)) throw new ConnectError("unknown service", Code.NotFound);
      return { status: await check() };
    },
    async *watch({ service }, { signal }) {
      const ended = AbortSignal.any([signal, stopping]);
      let told: Status | null = null;
      while (!ended.aborted) {
        const status: Status = names.has(service) ? await glance() : Status.SERVICE_UNKNOWN;
        if (status !== told) yield { status };
        told = status;
        await sleep(watchEveryMs, undefined, { signal: ended }).catch(() => {});
      }
    },
  });
}
