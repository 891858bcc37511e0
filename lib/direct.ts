import type { ConnectRouter } from "@connectrpc/connect";
import type { Api } from "@/lib/dialects/dialect";
import { tables } from "@/lib/dialects/tables";
import { addZitadelUsers, ZITADELUsers } from "@/lib/dialects/zitadel/rpc";
import { plainForm } from "@/lib/web/plain-form";
import { answerSession } from "@/lib/web/session-answer";
import { codeForm, passwordForm } from "@/lib/web/sign-in-forms";

/**
 * What the server in front of Next answers by itself: what applications ask with each request of theirs, and the two
 * steps of a sign-in (docs/decisions/0009-straight-to-the-route.md).
 */
export const direct = {
  apis: new Map([["/api/auth/session", answerSession]]),
  findApi: (path: string) =>
    tables.reduce<Api | null>((found, { dialect }) => found ?? dialect.find(path), null),
  rpc: { services: [ZITADELUsers], addTo: (router: ConnectRouter) => addZitadelUsers(router) },
  forms: new Map([passwordForm, codeForm].map((form) => [form.page, plainForm(form)])),
};
