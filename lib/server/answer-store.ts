import { AsyncLocalStorage } from "node:async_hooks";

/** What the code that answers a request tells the server around it: Next's server actions cannot set a status. */
export type AnswerStore = {
  status: number | null;
  /** Set over Next's. */
  headers: Record<string, string>;
  /** Values of Set-Cookie, beside Next's. */
  cookies: string[];
  /** A form that was refused before Next was asked, for its page to show. */
  settledForm: unknown;
  /** Whether one of our server actions ran, or its form was answered in its place: if not, the form made no sense. */
  actionReached: boolean;
  /** Whether the page's script asks, and not the browser itself. */
  scripted: boolean;
  /** Whether what was thrown is in the log: Next tells instrumentation.ts of most. */
  failureTold: boolean;
};

/** A store before anything was told. */
export function newAnswerStore(scripted: boolean): AnswerStore {
  return {
    status: null,
    headers: {},
    cookies: [],
    settledForm: null,
    actionReached: false,
    scripted,
    failureTold: false,
  };
}

// Next's bundles carry copies of our modules, so the store is found by a name, not by an import.
const name = Symbol.for("countersign.answer");
// The global object has any property one gives it; its type only knows the standard ones.
const places = globalThis as { [name]?: AsyncLocalStorage<AnswerStore> };

/** The store of the request being answered; one for the whole process. */
export function answerStorage(): AsyncLocalStorage<AnswerStore> {
  places[name] ??= new AsyncLocalStorage<AnswerStore>();
  return places[name];
}
