import { defineDialect } from "../dialect";
import { findCaller } from "./caller";
import { answerGrpcWeb } from "./grpc-web";
import { ZITADELUsers } from "./protocol/zitadel/resources/user/v3alpha/user_service_pb";
import { problem, refusal } from "./refusals";
import * as responses from "./responses";
import { version2 } from "./version2";
import { version3 } from "./version3";

/** Zitadel: a bearer token, and one service over REST, gRPC-Web (grpc-web.ts) and, at a port of its own, gRPC. */
export const zitadel = defineDialect({
  name: "zitadel",
  title: "Zitadel",
  original: "Zitadel's user service v3alpha, and its users and sessions v2, as @zitadel/proto 1.3.1 has them",
  operations: [...version3, ...version2],
  prefixes: ["/resources/v3alpha/", "/v2/", "/zitadel."],
  proof: [
    {
      name: "bearer",
      scheme: {
        type: "http",
        scheme: "bearer",
        description: "An API token, or a session's token for one's own account",
      },
      gives: ["session"],
    },
  ],
  curlNote: "TOKEN is an API token, or the sessionToken that signing in answered: export TOKEN=...",
  curl: ({ needs }) => (needs === "nothing" ? [] : ['-H "Authorization: Bearer $TOKEN"']),
  grpc: {
    service: ZITADELUsers,
    proto: "lib/dialects/zitadel/proto",
    example: { method: ZITADELUsers.method.getUser, sends: { id: "<user id>" } },
    note: "Version 2 is REST alone.",
  },
  failure: responses.failure,
  findCaller,
  refusal,
  problem,
  // As Zitadel's gateway has it, nothing need be said; and curl says of a body that it is a form.
  bodyTypes: /^(?:application\/(?:json|x-www-form-urlencoded)\s*(?:;.*)?)?$/i,
  intercept: answerGrpcWeb,
  // A token in a header is nothing that another site can make a browser send.
  checkOrigin: null,
});
