import type { AuditEvent } from "@/lib/core/audit-log";
import { csvLine } from "./csv";

type Format = {
  contentType: string;
  /** Before the first event. */
  head: string;
  lineOf: (event: AuditEvent) => string;
};

const COLUMNS = [
  "id",
  "at",
  "event",
  "person_id",
  "person_email",
  "actor",
  "actor_email",
  "via",
  "address",
  "user_agent",
  "details",
];

/** How the audit log is written into files. */
export const AUDIT_FORMATS = {
  csv: {
    contentType: "text/csv; charset=utf-8",
    head: csvLine(COLUMNS),
    lineOf: ({ id, createdAt, kind, person, actor, via, address, userAgent, details }) =>
      csvLine([
        id,
        createdAt,
        kind,
        person?.id ?? null,
        person?.email ?? null,
        actor?.id ?? null,
        actor?.email ?? null,
        via,
        address,
        userAgent,
        JSON.stringify(details),
      ]),
  },
  jsonl: {
    contentType: "application/jsonl; charset=utf-8",
    head: "",
    lineOf: ({ id, createdAt: at, kind: event, person, actor, via, address, userAgent, details }) =>
      `${JSON.stringify({ id, at, event, person, actor, via, address, userAgent, details })}\n`,
  },
} satisfies Record<string, Format>;

export type AuditFormat = keyof typeof AUDIT_FORMATS;
