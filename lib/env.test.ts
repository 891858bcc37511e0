import { expect, it } from "vitest";
import { EnvError, readEnv } from "./env";

it("codes by mail are off unless the operator turns them on", () => {
  expect(readEnv({}).emailCodes).toBe(false);
  expect(readEnv({ EMAIL_CODES: "" }).emailCodes).toBe(false);
  expect(readEnv({ EMAIL_CODES: "on" }).emailCodes).toBe(true);
  expect(() => readEnv({ EMAIL_CODES: "yes" })).toThrow(new EnvError("EMAIL_CODES: must be on or off"));
});
