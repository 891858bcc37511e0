import { athena } from "@/lib/dialects/athena";
import type { Api, Dialect } from "@/lib/dialects/dialect";
import { omnitron } from "@/lib/dialects/omnitron";
import { thogits } from "@/lib/dialects/thogits";
import { plainForm } from "@/lib/web/plain-form";
import { answerSession } from "@/lib/web/session-answer";
import { codeForm, passwordForm } from "@/lib/web/sign-in-forms";

const DIALECTS: readonly Dialect[] = [thogits, omnitron, athena];

/**
 * What the server in front of Next answers by itself: what applications ask with each request of theirs, and the two
 * steps of a sign-in (docs/decisions/0009-straight-to-the-route.md).
 */
export const direct = {
  apis: new Map([["/api/auth/session", answerSession]]),
  findApi: (path: string) => DIALECTS.reduce<Api | null>((found, each) => found ?? each.find(path), null),
  forms: new Map([passwordForm, codeForm].map((form) => [form.page, plainForm(form)])),
};
