import { auditExport } from "@/lib/web/audit-export";

export const GET = auditExport("jsonl");
