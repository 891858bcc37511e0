import { expect, it } from "vitest";
import { addressKey } from "./try-budget";

it.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:db8:1:2::1", "2001:db8:1:2::/64"],
  ["", "unknown"],
  ["not an address", "unknown"],
  ["192.0.2.7, 10.0.0.1", "unknown"],
])("%s is counted as %s", (address, key) => expect(addressKey(address)).toBe(key));
