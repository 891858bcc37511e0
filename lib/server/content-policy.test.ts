import { expect, test } from "vitest";
import { contentPolicy } from "./content-policy";

test("the content policy runs nothing without the nonce", () => {
  const policy = contentPolicy("abc", { isHttps: true, isDevelopment: false });
  expect(policy).toContain("script-src 'nonce-abc' 'strict-dynamic';");
  expect(policy).not.toMatch(/unsafe|\*|http:/);
  expect(policy).toContain("upgrade-insecure-requests");
});
