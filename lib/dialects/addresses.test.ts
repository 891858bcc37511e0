import { describe, expect, it } from "vitest";
import { fillAddress, findAddress, readAddresses } from "./addresses";

const addresses = readAddresses([
  "/api/things/{id}",
  "/api/things/all",
  "/api/things/{id}/parts/{part}/_verify",
]);

describe("an address", () => {
  it("is found with and without a slash at its end", () => {
    const found = { path: "/api/things/{id}", parts: { id: "7" } };
    expect(findAddress(addresses, "/api/things/7")).toEqual(found);
    expect(findAddress(addresses, "/api/things/7/")).toEqual(found);
  });

  it("without parts that vary goes before one with", () => {
    expect(findAddress(addresses, "/api/things/all")?.path).toBe("/api/things/all");
  });

  it("is not found where a part is missing, too much, or cannot be read", () => {
    for (const path of [
      "/api/things/",
      "/api/things/7/8",
      "/api/things/%zz",
      "/api/things/%00",
      "/x/api/things/7",
    ])
      expect(findAddress(addresses, path), path).toBeNull();
  });

  it("gives its parts decoded, whatever is in them", () => {
    for (const id of ["a b", "{id}", "ä/ö", "100%", "a.b", "?x=1"]) {
      const path = fillAddress("/api/things/{id}/parts/{part}/_verify", { id, part: "9" });
      expect(findAddress(addresses, path)?.parts, id).toEqual({ id, part: "9" });
    }
  });

  it("with a dot in its pattern means a dot", () => {
    expect(findAddress(readAddresses(["/a.b/{id}"]), "/axb/1")).toBeNull();
  });
});
