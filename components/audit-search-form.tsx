"use client";

import type { Refusal } from "@/lib/core/refusals";
import { a } from "@/lib/web/admin-messages";
import { EMPTY_FORM, fieldOf } from "@/lib/web/form-state";
import { refusalSentence } from "@/lib/web/messages";
import { ButtonLink } from "./ui/button";
import { FormContext } from "./ui/form-context";
import { type Choice, type ChoiceGroup, SelectField } from "./ui/select-field";
import { SubmitButton } from "./ui/submit-button";
import { TextField } from "./ui/text-field";

type Props = {
  page: string;
  /** What was searched for. */
  values: Record<string, string>;
  /** Why nothing was; null: it was. */
  refusal: Refusal | null;
  kinds: readonly ChoiceGroup[];
  ways: readonly Choice[];
};

/** What the audit log is searched by. Its fields go into the page's address, so that a search can be kept and sent. */
export function AuditSearchForm({ page, values, refusal, kinds, ways }: Props) {
  const sentence = refusal && refusalSentence(refusal);
  const shown = { ...values, from: momentIn(values.from), to: momentIn(values.to) };
  const state = { ...EMPTY_FORM, values: shown, refusal, field: refusal && fieldOf(refusal) };
  return (
    <FormContext value={{ state, isPending: false, waitSeconds: 0, sentence, spoken: sentence }}>
      <form action={page} method="get" aria-label={a.audit.search} className="mt-6">
        <div className="grid gap-x-6 gap-y-4 sm:grid-cols-2 xl:grid-cols-3">
          <TextField {...TYPED} name="person" label={a.audit.person} hint={a.audit.personHint} />
          <TextField {...TYPED} name="actor" label={a.audit.actor} hint={a.audit.actorHint} />
          <SelectField name="kind" label={a.audit.kind} none={a.audit.anyKind} choices={kinds} />
          <SelectField name="via" label={a.audit.via} none={a.audit.anyWay} choices={ways} />
          <TextField {...MOMENT} name="from" label={a.audit.from} />
          <TextField {...MOMENT} name="to" label={a.audit.to} />
        </div>
        <div className="mt-5 flex flex-wrap items-center gap-3">
          <SubmitButton>{a.audit.submit}</SubmitButton>
          <ButtonLink href={page}>{a.audit.clear}</ButtonLink>
        </div>
      </form>
    </FormContext>
  );
}

/** A time as its field can show it; browsers complain of any other. An address may have a day alone. */
function momentIn(text = ""): string {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return `${text}T00:00`;
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?$/.test(text) ? text : "";
}

const BLANK = { required: false, autoComplete: "off" } as const;
const TYPED = { ...BLANK, autoCapitalize: "none", spellCheck: false, maxLength: 254 } as const;
const MOMENT = { ...BLANK, type: "datetime-local" } as const;
