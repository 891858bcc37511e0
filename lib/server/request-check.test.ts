import type { IncomingHttpHeaders } from "node:http";
import { expect, test } from "vitest";
import { checkRequest } from "./request-check";

const origins = new Set(["https://id.example.org"]);
const form = { "content-length": "10", "content-type": "application/x-www-form-urlencoded" };

test.each([
  ["GET", "/sign-in", {}, undefined],
  ["POST", "/sign-in", form, undefined],
  [
    "POST",
    "/sign-in",
    { ...form, origin: "https://id.example.org", "sec-fetch-site": "same-origin" },
    undefined,
  ],
  ["POST", "/sign-in", { ...form, "content-type": "multipart/form-data; boundary=x" }, undefined],
  ["POST", "/sign-in", { ...form, "content-type": "text/plain;charset=UTF-8" }, undefined],
  ["POST", "/api/x", { ...form, "content-type": "application/grpc-web+proto" }, undefined],
  ["DELETE", "/api/x", {}, undefined],
  ["GET", "/caf%C3%A9", {}, undefined],
  ["GET", "/api/auth/%E0%A4%A", {}, 400],
  ["GET", "/%", {}, 400],
  // Next would resolve these, and answer at an address that was not looked at.
  ["POST", "/_next/../api/auth/login", { ...form, "content-type": "application/json" }, 400],
  ["GET", "/_next/static/%2e%2E/settings/security", {}, 400],
  ["GET", "/_next/static/..%2fsettings", {}, 400],
  ["GET", "/sign-in/.", {}, 400],
  ["GET", "/_next/static\\..\\settings", {}, 400],
  ["GET", "/api/docs/athena.json", {}, undefined],
  ["POST", "/sign-in", { ...form, origin: "https://evil.example" }, 403],
  ["POST", "/sign-in", { ...form, origin: "null" }, 403],
  ["POST", "/sign-in", { ...form, origin: "http://id.example.org" }, 403],
  ["POST", "/sign-in", { ...form, "sec-fetch-site": "cross-site" }, 403],
  ["POST", "/api/x", { ...form, origin: "https://evil.example" }, undefined],
  ["PUT", "/sign-in", form, 405],
  ["TRACE", "/api/x", {}, 405],
  ["POST", "/api/x", {}, undefined],
  ["POST", "/sign-in", { ...form, "transfer-encoding": "chunked" }, 411],
  ["POST", "/sign-in", { ...form, "content-length": "65537" }, 413],
  ["POST", "/sign-in", { ...form, "content-length": "65536" }, undefined],
  ["POST", "/sign-in", { ...form, "content-type": "application/xml" }, 415],
  ["POST", "/sign-in", { ...form, "content-type": "application/jsonp" }, 415],
  ["POST", "/sign-in", { "content-length": "10" }, 415],
  ["POST", "/sign-in", { ...form, "content-encoding": "gzip" }, 415],
  ["GET", "/", { expect: "a-miracle" }, 417],
  ["GET", "/_global-error", {}, 404],
  ["GET", "/%5fglobal-error", {}, 404],
  ["POST", "/_not-found", form, 404],
  ["GET", "/_next/static/x.css", {}, undefined],
  ["GET", "/_next/data/x/settings/security.json", {}, 404],
  ["GET", "/_next/%64ata/x/settings/security.json", {}, 404],
  ["GET", "*", {}, 400],
  ["GET", "ftp://evil.example/", {}, 400],
  ["POST", "/sign-in", { ...form, "sec-fetch-site": "same-site" }, 403],
  ["POST", "/sign-in", { ...form, "sec-fetch-site": "none" }, undefined],
  ["GET", "/sign-in", { rsc: "1", "next-router-state-tree": "%5B%22%22%2C%7B%7D%5D" }, undefined],
  ["GET", "/sign-in", { rsc: "1", "next-router-state-tree": "garbage" }, 400],
  ["GET", "/sign-in", { rsc: "1", "next-router-state-tree": "" }, 400],
])("%s %s with %j: %s", (method, path, more, status) => {
  const headers: IncomingHttpHeaders = { host: "id.example.org", ...more };
  expect(checkRequest(method, path, { headers, httpVersion: "1.1" }, origins)?.status).toBe(status);
});

test("the host may be missing in HTTP/1.0 alone", () => {
  for (const [httpVersion, status] of [
    ["1.0", undefined],
    ["1.1", 400],
  ] as const)
    expect(checkRequest("GET", "/", { headers: {}, httpVersion }, origins)?.status).toBe(status);
});

test("what checks requests for itself is given what cannot be decoded, and dots, which lead to nothing else there", () => {
  const asked = (path: string) =>
    checkRequest("POST", path, { headers: { host: "x" }, httpVersion: "1.1" }, origins, true);
  expect(asked("/api/v1/%zz")).toBeNull();
  expect(asked("/api/v1/%zz/../login")).toBeNull();
});
