import { plainForm } from "./plain-form";
import { answerSession } from "./session-answer";
import { codeForm, passwordForm } from "./sign-in-forms";

/**
 * What the server in front of Next answers by itself: what applications ask with each request of theirs, and the two
 * steps of a sign-in (docs/decisions/0009-straight-to-the-route.md).
 */
export const direct = {
  apis: new Map([["/api/auth/session", answerSession]]),
  forms: new Map([passwordForm, codeForm].map((form) => [form.page, plainForm(form)])),
};
