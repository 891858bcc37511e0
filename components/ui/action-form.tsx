"use client";

import { unstable_rethrow } from "next/navigation";
import { type FormEvent, type ReactNode, useActionState, useEffect, useMemo, useRef, useState } from "react";
import type { Refusal } from "@/lib/core/refusals";
import { adminSentence } from "@/lib/web/admin-messages";
import { EMPTY_FORM, type FormAction, type FormState } from "@/lib/web/form-state";
import {
  m,
  mailedCodeSentence,
  mailingSentence,
  recoverySentence,
  refusalSentence,
  saveProofSentence,
} from "@/lib/web/messages";
import { FormContext } from "./form-context";
import { Notice } from "./notice";
import { useCountdown } from "./use-countdown";

const SENTENCES = {
  admin: adminSentence,
  plain: refusalSentence,
  recovery: recoverySentence,
  saveProof: saveProofSentence,
  mailedCode: mailedCodeSentence,
  mailing: mailingSentence,
};

type Props = {
  action: FormAction;
  /** What the form says without being asked: ids, where to go afterwards. */
  hidden?: Record<string, string>;
  /** How refusals are said. */
  sentences?: keyof typeof SENTENCES;
  /** What its button says, where what was typed came back from the page that asks who one is, and nothing was done yet. */
  keptFor?: string | false;
  /** A wait that is on already when the page is opened. */
  initialRefusal?: Refusal;
  /** Lets the cut close before the page is left. */
  closes?: boolean;
  /** Told before the page is left after success. */
  onLeave?: () => void;
  className?: string;
  children: ReactNode;
};

const CLOSING_MS = 260;

/**
 * A form around a server action. Without script it is posted as any form; with it, it is sent once however often one
 * presses, shows what came back in place, and leaves for the next page in a way that Back does not return to.
 */
export function ActionForm(props: Props) {
  const { action, hidden = {}, sentences = "plain", closes = false, onLeave, className, children } = props;
  const { keptFor } = props;
  const first = useMemo(() => firstState(props.initialRefusal), [props.initialRefusal]);
  const [state, send, isSending] = useActionState(toldApart(action), first);
  const [dismissed, setDismissed] = useState<FormState | null>(null);
  const waitSeconds = useCountdown(waitOf(state.refusal), state);
  const isSent = useRef(false);
  const isLeaving = state.goTo !== null;

  useEffect(() => {
    // Only a new answer opens the form again.
    isSent.current = state.goTo !== null;
    if (state.goTo === null) return;
    onLeave?.();
    const timer = setTimeout(leaveFor, closes && !prefersStill() ? CLOSING_MS : 0, state.goTo);
    return () => clearTimeout(timer);
  }, [state, closes, onLeave]);

  const isWaiting = waitSeconds > 0;
  const isShown = waitOf(state.refusal) === null ? state !== dismissed : isWaiting;
  const say = SENTENCES[sentences];
  const answer = {
    state,
    isPending: isSending || isLeaving,
    waitSeconds,
    sentence: isShown ? sentenceOf(state, waitSeconds, say) : null,
    spoken: isShown ? sentenceOf(state, waitOf(state.refusal), say) : null,
  };

  function onSubmit(event: FormEvent) {
    if (isSent.current || isWaiting) event.preventDefault();
    else isSent.current = true;
  }

  return (
    <FormContext value={answer}>
      <form
        action={send}
        onSubmit={onSubmit}
        onInput={() => setDismissed(state)}
        aria-busy={answer.isPending}
        data-given={isLeaving && closes ? "" : undefined}
        className={className}
      >
        {Object.entries(hidden).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        {keptFor && state.refusal === null && <Notice tone="owed">{m.common.notDoneYet(keptFor)}</Notice>}
        {children}
      </form>
    </FormContext>
  );
}

function firstState(refusal: Refusal | undefined): FormState {
  // A lock is about the code; any other wait is about the whole form.
  return refusal ? { ...EMPTY_FORM, refusal, field: refusal.code === "locked" ? "code" : null } : EMPTY_FORM;
}

/**
 * On the server the action itself, so that the form can be posted without script; in the browser one that tells an
 * answer that never came from one that says no.
 */
function toldApart(action: FormAction): FormAction {
  if (typeof window === "undefined") return action;
  return async (state, data) => {
    try {
      return await action(state, data);
    } catch (error) {
      // Next's own signals, such as a redirect.
      unstable_rethrow(error);
      return { ...EMPTY_FORM, values: state.values, isLost: true };
    }
  };
}

/** How long the form is shut after a refusal; null: not at all. */
function waitOf(refusal: Refusal | null): number | null {
  const isTimed = refusal?.code === "locked" || refusal?.code === "too_many_requests";
  return isTimed ? refusal.retryAfterSeconds : null;
}

function sentenceOf(state: FormState, wait: number | null, say: (refusal: Refusal) => string): string | null {
  if (state.isLost) return m.errors.offline;
  const { refusal } = state;
  if (refusal === null) return null;
  const isTimed = refusal.code === "locked" || refusal.code === "too_many_requests";
  return say(isTimed && wait !== null ? { ...refusal, retryAfterSeconds: wait } : refusal);
}

function prefersStill(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** Whole pages, not the router: nothing of the form stays in memory, and Back leads past it. */
function leaveFor(path: string): void {
  const place = new URL(path, location.href);
  if (place.pathname + place.search === location.pathname + location.search) {
    if (place.hash) history.replaceState(null, "", place);
    location.reload();
  } else {
    location.replace(place);
  }
}
