import { describe, expect, test } from "vitest";
import { gateRedirect } from "./gate";

const nobody = { hasSession: false, hasChallenge: false };
const challenge = { hasSession: false, hasChallenge: true };
const session = { hasSession: true, hasChallenge: false };

describe("the gate", () => {
  test.each([
    ["/settings/password", "/sign-in?callbackUrl=%2Fsettings%2Fpassword"],
    ["/settings/security", "/sign-in"],
    ["/settings", "/sign-in?callbackUrl=%2Fsettings"],
    ["/settings/security/turn-off?a=b", "/sign-in?callbackUrl=%2Fsettings%2Fsecurity%2Fturn-off%3Fa%3Db"],
    ["/step-up?callbackUrl=%2Fsettings", "/sign-in?callbackUrl=%2Fstep-up%3FcallbackUrl%3D%252Fsettings"],
    ["/admin", "/sign-in?callbackUrl=%2Fadmin"],
    ["/", null],
    ["/sign-in", null],
    ["/sign-in/verify", null],
    ["/sign-up", null],
    ["/set-up?token=x", null],
    ["/settingsx", null],
    ["/nowhere", null],
  ])("nobody who asks for %s goes to %s", (path, to) => expect(gateRedirect(path, nobody)).toBe(to));

  test.each([
    ["/settings/password", "/sign-in/verify?callbackUrl=%2Fsettings%2Fpassword"],
    ["/settings/security", "/sign-in/verify"],
    ["/", "/sign-in/verify"],
    ["/sign-in", "/sign-in/verify"],
    ["/sign-in?callbackUrl=%2Fsettings%2Fpassword", "/sign-in/verify?callbackUrl=%2Fsettings%2Fpassword"],
    ["/sign-in?callbackUrl=%2F%2Fevil.example", "/sign-in/verify"],
    ["/sign-up", "/sign-in/verify"],
    ["/set-up", "/sign-in/verify"],
    ["/nowhere", "/sign-in/verify"],
    ["/sign-in/verify-not", "/sign-in/verify"],
    ["/sign-in/verify", null],
    ["/sign-in/verify?with=recovery", null],
    ["/forgotten-password", null],
    ["/new-password?token=x", null],
    ["/confirm-email?token=x", null],
    ["/sign-in/restart?callbackUrl=%2F", null],
  ])("whose code is owed and who asks for %s goes to %s", (path, to) =>
    expect(gateRedirect(path, challenge)).toBe(to),
  );

  test("who has a session is let through to be asked there", () => {
    for (const path of ["/settings/security", "/sign-in", "/sign-in/verify", "/nowhere"]) {
      expect(gateRedirect(path, session)).toBeNull();
      expect(gateRedirect(path, { ...session, hasChallenge: true })).toBeNull();
    }
  });
});
