import { expect, it } from "vitest";
import { knownUserAgent } from "./user-agent";

it.each([
  ["Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox", "Windows"],
  [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36",
    "Chrome",
    "Linux",
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
    "Safari",
    "iOS",
  ],
  ["", null, null],
  [" ", null, null],
])("%s names %s on %s", (userAgent, browser, system) =>
  expect(knownUserAgent(userAgent)).toEqual({ browser, system }),
);

it.each([
  "Support: your account is suspended, sign in at https://evil.example/keep now",
  "Call +1 555 0100/1.0",
  "x/1 (X11; Buy now at evil.example)",
  "/".repeat(600),
  "a".repeat(5000),
])("words of a stranger's own do not come out: %s", (userAgent) =>
  expect(knownUserAgent(userAgent)).toEqual({ browser: null, system: null }),
);
