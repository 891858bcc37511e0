import ipaddr from "ipaddr.js";
import { expect, test } from "vitest";
import type { Network } from "@/lib/env";
import { clientAddress, ownOrigin } from "./address";

const proxies: Network[] = [ipaddr.parseCIDR("10.0.0.0/8"), ipaddr.parseCIDR("::1/128")];

test.each([
  ["192.0.2.1", "203.0.113.9", [], "192.0.2.1"],
  ["192.0.2.1", "203.0.113.9", proxies, "192.0.2.1"],
  ["10.0.0.1", "203.0.113.9", proxies, "203.0.113.9"],
  ["::ffff:10.0.0.1", "203.0.113.9", proxies, "203.0.113.9"],
  ["::ffff:192.0.2.1", "", [], "192.0.2.1"],
  ["10.0.0.1", "198.51.100.7, 203.0.113.9, 10.0.0.2", proxies, "203.0.113.9"],
  ["10.0.0.1", "203.0.113.9, garbage", proxies, "10.0.0.1"],
  ["10.0.0.1", "'; DROP TABLE", proxies, "10.0.0.1"],
  ["10.0.0.1", "", proxies, "10.0.0.1"],
  ["10.0.0.1", "10.0.0.2", proxies, "10.0.0.2"],
  ["::1", "2001:db8::7", proxies, "2001:db8::7"],
  ["fe80::1%eth0", "", [], "fe80::1"],
  [undefined, "", [], "unknown"],
] as const)("from %s with X-Forwarded-For %j it is %s", (peer, forwarded, trusted, expected) => {
  expect(clientAddress(peer, forwarded, [...trusted])).toBe(expected);
});

test.each([
  [null, "http://127.0.0.1:3000"],
  ["0.0.0.0", "http://127.0.0.1:3000"],
  ["::", "http://127.0.0.1:3000"],
  ["192.0.2.7", "http://192.0.2.7:3000"],
  ["2001:db8::7", "http://[2001:db8::7]:3000"],
])("the server that listens at %s reaches itself at %s", (listenAddress, origin) => {
  expect(ownOrigin({ listenAddress, port: 3000 })).toBe(origin);
});
