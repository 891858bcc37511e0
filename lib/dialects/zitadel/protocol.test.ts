import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DescEnum, DescField, DescMessage, DescMethod } from "@bufbuild/protobuf";
import { ErrorDetailSchema as TheirErrorDetail } from "@zitadel/proto/zitadel/message_pb";
import * as theirObjects from "@zitadel/proto/zitadel/object/v3alpha/object_pb";
import { DetailsSchema as TheirDetails } from "@zitadel/proto/zitadel/resources/object/v3alpha/object_pb";
import * as theirAuthenticators from "@zitadel/proto/zitadel/resources/user/v3alpha/authenticator_pb";
import { GetUserSchema as TheirUser } from "@zitadel/proto/zitadel/resources/user/v3alpha/user_pb";
import * as theirUsers from "@zitadel/proto/zitadel/resources/user/v3alpha/user_service_pb";
import { describe, expect, it } from "vitest";
import { findProjectRoot } from "@/lib/db/project-root";
import { ErrorDetailSchema } from "./protocol/zitadel/message_pb";
import * as objects from "./protocol/zitadel/object/v3alpha/object_pb";
import { DetailsSchema } from "./protocol/zitadel/resources/object/v3alpha/object_pb";
import * as users from "./protocol/zitadel/resources/user/v3alpha/user_service_pb";

// Our descriptors against the vendor's own: what we have is as they have it, to the last field.

const MESSAGES: [DescMessage, DescMessage][] = [
  [ErrorDetailSchema, TheirErrorDetail],
  [DetailsSchema, TheirDetails],
  [objects.OwnerSchema, theirObjects.OwnerSchema],
  [objects.InstanceSchema, theirObjects.InstanceSchema],
  [objects.OrganizationSchema, theirObjects.OrganizationSchema],
  [users.GetUserSchema, TheirUser],
  [users.AuthenticatorsSchema, theirAuthenticators.AuthenticatorsSchema],
  [users.TOTPSchema, theirAuthenticators.TOTPSchema],
  ...users.ZITADELUsers.methods.flatMap((method) => {
    const theirs = theirMethod(method);
    return [
      [method.input, theirs.input],
      [method.output, theirs.output],
    ] satisfies [DescMessage, DescMessage][];
  }),
];

function theirMethod({ name }: DescMethod): DescMethod {
  const found = theirUsers.ZITADELUsers.methods.find((method) => method.name === name);
  if (!found) throw new Error(`Zitadel has no ${name}`);
  return found;
}

function shapeOf(field: DescField) {
  const { number, name, jsonName, fieldKind, presence } = field;
  return {
    number,
    name,
    jsonName,
    fieldKind,
    presence,
    type: field.message?.typeName ?? field.enum?.typeName ?? field.scalar,
    oneof: field.oneof?.name,
  };
}

const valuesOf = ({ typeName, values }: DescEnum) => ({
  typeName,
  values: values.map(({ name, number }) => ({ name, number })),
});

describe("our protocol", () => {
  it.each(MESSAGES.map(([ours, theirs]) => ({ name: ours.typeName, ours, theirs })))(
    "has $name as Zitadel has it",
    ({ ours, theirs }) => {
      expect(ours.typeName).toBe(theirs.typeName);
      const numbers = ours.fields.map(({ number }) => number);
      const same = theirs.fields.filter(({ number }) => numbers.includes(number));
      expect(ours.fields.map(shapeOf)).toEqual(same.map(shapeOf));
    },
  );

  it("has every field of requests, and of all answers but a user's", () => {
    const partial = [
      "zitadel.resources.user.v3alpha.GetUser",
      "zitadel.resources.user.v3alpha.Authenticators",
    ];
    for (const [ours, theirs] of MESSAGES)
      if (!partial.includes(ours.typeName))
        expect(ours.fields.length, ours.typeName).toBe(theirs.fields.length);
  });

  it("has the service and its kinds of owners as Zitadel has them", () => {
    expect(users.ZITADELUsers.typeName).toBe(theirUsers.ZITADELUsers.typeName);
    for (const method of users.ZITADELUsers.methods)
      expect(method.methodKind).toBe(theirMethod(method).methodKind);
    expect(valuesOf(objects.OwnerTypeSchema)).toEqual(valuesOf(theirObjects.OwnerTypeSchema));
  });
});

/** The files in a folder, by their path in it. */
function filesIn(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.(?:js|ts)$/.test(name),
  );
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

it("what is made of the .proto files is what is committed (else run script/protocol)", () => {
  const folder = mkdtempSync(join(tmpdir(), "countersign-protocol-"));
  try {
    execFileSync(join(findProjectRoot(), "script/protocol"), [folder]);
    for (const each of ["lib/dialects/zitadel/protocol", "lib/server/grpc/protocol"])
      expect(filesIn(join(folder, each))).toEqual(filesIn(join(findProjectRoot(), each)));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
