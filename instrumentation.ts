import { log } from "@/lib/log";
import { answerStorage } from "@/lib/server/answer-store";

/** Next hands over what a page, an action or a route threw. Only its kind is written down: a message may quote a person. */
export function onRequestError(error: unknown): void {
  log.event("request failed", { error });
  const store = answerStorage().getStore();
  if (store) store.failureTold = true;
}
