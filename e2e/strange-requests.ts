import type { APIRequestContext } from "@playwright/test";

/** What Playwright's `fetch` is asked for. */
export type Ask = Parameters<APIRequestContext["fetch"]>[1];

const multipart = (body: string, boundary = "b"): Ask => ({
  method: "POST",
  data: body,
  headers: { "Content-Type": `multipart/form-data; boundary=${boundary}` },
});
const typedAs = (type: string, body: string): Ask => ({
  method: "POST",
  data: Buffer.from(body),
  headers: { "Content-Type": type },
});

/** Requests that no page of ours makes. */
export const strange: [string, Ask][] = [
  ["PUT", { method: "PUT", form: { a: "b" } }],
  ["PATCH", { method: "PATCH" }],
  ["DELETE", { method: "DELETE" }],
  ["an empty POST", { method: "POST" }],
  ["JSON", typedAs("application/json", '{"email":["a"],"password":{"a":1}}')],
  ["broken JSON", typedAs("application/json", '{"email":')],
  ["plain text", typedAs("text/plain", "hello")],
  ["XML", typedAs("text/xml", "<a/>")],
  ["no content type that could be one", typedAs("nonsense", "a=b")],
  ["an ordinary form without an action", { method: "POST", form: { email: "a@example.org", password: "x" } }],
  ["a form of parts without an action", { method: "POST", multipart: { email: "a@example.org" } }],
  [
    "a form without an action that asks for the page's data",
    { method: "POST", multipart: { email: "a@example.org" }, headers: { RSC: "1" } },
  ],
  ["an unknown action", { method: "POST", multipart: { [`$ACTION_ID_${"0".repeat(42)}`]: "", email: "a" } }],
  ["an action that is no id", { method: "POST", multipart: { "$ACTION_ID_../..": "", $ACTION_REF_x: "" } }],
  [
    "a bound action that is not there",
    { method: "POST", multipart: { $ACTION_REF_1: "", "$ACTION_1:0": "{}" } },
  ],
  [
    "a prototype for a bound action",
    { method: "POST", multipart: { $ACTION_REF_1: "", "$ACTION_1:0": '{"id":"__proto__","bound":"$@1"}' } },
  ],
  ["parts without an end", multipart('--b\r\nContent-Disposition: form-data; name="email"\r\n\r\na')],
  ["parts without a boundary", typedAs("multipart/form-data", "a")],
  ["another boundary", multipart("--c\r\n\r\n--c--", "b")],
  ["garbage for parts", multipart("\0\u0001\u0002--b--b----b")],
  ["a name with NUL", multipart('--b\r\nContent-Disposition: form-data; name="a\0b"\r\n\r\nx\r\n--b--\r\n')],
  [
    "more than 64 KiB",
    multipart(
      `--b\r\nContent-Disposition: form-data; name="email"\r\n\r\n${"a".repeat(70_000)}\r\n--b--\r\n`,
    ),
  ],
  ["an unknown encoding", { method: "POST", form: { a: "b" }, headers: { "Content-Encoding": "br" } }],
];

/** Calls as the page's script makes them, with an action that is none or arguments that are none. */
export const scripted: [string, Ask][] = ["0".repeat(42), "x", "__proto__", "../../etc/passwd"].flatMap(
  (id) =>
    ["[]", "{", '["$undefined",{"a":"\\ud800"}]', '["$K1"]', '["$@1"]', ""].map((body): [string, Ask] => [
      `action ${id} with ${body}`,
      {
        method: "POST",
        data: body,
        headers: { "Next-Action": id, "Content-Type": "text/plain;charset=UTF-8" },
      },
    ]),
);
