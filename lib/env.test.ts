import { expect, it } from "vitest";
import { EnvError, readEnv } from "./env";

it("codes by mail are off unless the operator turns them on", () => {
  expect(readEnv({}).emailCodes).toBe(false);
  expect(readEnv({ EMAIL_CODES: "" }).emailCodes).toBe(false);
  expect(readEnv({ EMAIL_CODES: "on" }).emailCodes).toBe(true);
  expect(() => readEnv({ EMAIL_CODES: "yes" })).toThrow(new EnvError("EMAIL_CODES: must be on or off"));
});

it("native gRPC is served where it is asked for, at a port of its own", () => {
  expect(readEnv({}).grpcPort).toBeNull();
  expect(readEnv({ GRPC_PORT: "3001" }).grpcPort).toBe(3001);
  expect(readEnv({}).metricsPort).toBeNull();
  expect(readEnv({ METRICS_PORT: "9100" }).metricsPort).toBe(9100);
  for (const METRICS_PORT of ["3000", "3001"])
    expect(() => readEnv({ GRPC_PORT: "3001", METRICS_PORT })).toThrow("METRICS_PORT: must be another port");
  expect(() => readEnv({ GRPC_PORT: "3000" })).toThrow("GRPC_PORT: must be another port than PORT");
});

it("the address that is listened to is the operator's choice, and an IP address", () => {
  expect(readEnv({})).toMatchObject({ listenAddress: null, metricsAddress: "127.0.0.1" });
  for (const address of ["127.0.0.1", "0.0.0.0", "::1", "::"])
    expect(readEnv({ LISTEN_ADDRESS: address, METRICS_ADDRESS: address })).toMatchObject({
      listenAddress: address,
      metricsAddress: address,
    });
  for (const name of ["LISTEN_ADDRESS", "METRICS_ADDRESS"])
    for (const value of ["localhost", "127.0.0.1:80", "10.0.0.0/8", "[::1]"])
      expect(() => readEnv({ [name]: value })).toThrow(`${name}: must be an IP address`);
});
