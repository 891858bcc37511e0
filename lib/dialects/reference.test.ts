import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { FORMS, TEN_CODES, TRUE_OR_FALSE } from "./cases";
import { conformance } from "./conformance";
import { curlOf, exampleOf } from "./curl";
import { omnitron } from "./omnitron";
import { referenceOf } from "./reference";
import { tables } from "./tables";
import { thogits } from "./thogits";

const ORIGIN = "https://login.example.org";

describe("a command of the documents", () => {
  const [register] = thogits.operations;
  const words = (command: string): string[] =>
    execFileSync("sh", ["-c", command.replace("curl", "printf '%s\\n'")], { encoding: "utf8" })
      .trimEnd()
      .split("\n");

  it("means the same to a shell, whatever is sent", () => {
    if (!register) throw new Error("Thogits should have operations");
    const sends = { email: "o'hara@example.org", password: 'a "$HOME" `id` \\ b' };
    expect(words(curlOf(thogits, register, { sends }, ORIGIN))).toEqual([
      "-X",
      "POST",
      `${ORIGIN}/api/auth/register`,
      "-b",
      "cookies.txt",
      "-c",
      "cookies.txt",
      "-H",
      "Content-Type: application/json",
      "-d",
      JSON.stringify(sends),
    ]);
  });

  it("asks at the address that the dialect's clients use, with the proof that it takes", () => {
    const [login, logout] = omnitron.operations;
    if (!login || !logout) throw new Error("Omnitron should have operations");
    expect(curlOf(omnitron, login, {}, ORIGIN)).not.toContain("Authorization");
    const command = curlOf(omnitron, logout, {}, ORIGIN);
    expect(command).toBe(`curl -X POST ${ORIGIN}/api/v1/auth/logout/ \\\n  -H "Authorization: Token $KEY"`);
  });

  it("shows an example in place of what differs each time, of the type that it has", () => {
    const shown = JSON.parse(
      exampleOf({ email: "<email>", id: "<id>", codes: TEN_CODES, is: TRUE_OR_FALSE }),
    );
    expect(shown).toMatchObject({ email: "you@example.org", codes: expect.any(Array), is: true });
    expect(shown.id).toMatch(FORMS["<id>"]);
  });
});

describe.each(tables)("the reference of $dialect.title", (table) => {
  const reference = referenceOf(table, ORIGIN);

  it("has every operation, with a command that shows nobody's own values", () => {
    expect(reference.operations).toHaveLength(table.dialect.operations.length);
    for (const { curl, endpoint } of reference.operations) {
      const [start = ""] = (endpoint.split(" ")[1] ?? "").split("{");
      expect(curl, endpoint).toContain(`${ORIGIN}${start}`);
      expect(curl, endpoint).not.toMatch(/<[a-z ]+>|[{]\w+[}]/);
    }
    for (const { examples, endpoint } of reference.operations)
      expect(JSON.stringify(examples), endpoint).not.toMatch(/<[a-z, ]+>/i);
  });

  it("names the type of every field that is sent", () => {
    const fields = reference.operations.flatMap(({ body }) => body?.fields ?? []);
    for (const { name, type } of fields)
      expect(type, name).toMatch(
        /^(?:text|object|text or null|whole number|true or false(?: or "true" or "false")?|"totp" or "otp")$/,
      );
  });
});

describe("the reference of Zitadel", () => {
  const table = tables.find(({ dialect }) => dialect.name === "zitadel");
  if (!table) throw new Error("there should be Zitadel");
  const { grpc, operations } = referenceOf(table, "https://login.example.org:3000");

  it("has a command for gRPC at the port that the operator chose, and names every method", () => {
    const service = "zitadel.resources.user.v3alpha.ZITADELUsers";
    expect(grpc).toMatchObject({ service, methods: expect.arrayContaining(["GetUser"]) });
    expect(grpc?.methods).toHaveLength(4);
    expect(grpc?.command).toMatch(/ login\.example\.org:\$GRPC_PORT zitadel\.\S+\/GetUser$/);
  });

  it("shows bodies that need not be objects", () => {
    const bodyOf = (end: string) => operations.find(({ endpoint }) => endpoint.endsWith(end))?.body;
    const code = { name: "code", type: "text", need: "required", means: null };
    expect(bodyOf("/_verify")).toEqual({ type: "text or object", isRequired: true, fields: [code] });
    expect(bodyOf("/v2/users/{id}/totp")).toEqual({ type: '"" or object', isRequired: false, fields: [] });
  });
});

it.each(conformance())("the conformance of $title has cases of every operation", ({ name, endpoints }) => {
  const table = tables.find(({ dialect }) => dialect.name === name);
  const shown = endpoints.filter(({ summary, cases }) => summary !== null && cases.length > 0);
  expect(shown).toHaveLength(table?.dialect.operations.length ?? 0);
});
