import { open, seal, UnsealError } from "@/lib/crypto/seal";
import type { SignedInCaller, WebCaller } from "./caller";
import { FormFields } from "./form-fields";
import type { FormPlan } from "./form-outcome";

// What was typed into a form comes back after a refusal, and from the page that asks who one is. On the way there and
// back it travels in the address of the form's page, sealed to the account and the page, so that nobody else can read it or
// fill our forms in by a link. Passwords and codes are never among it: a form's plan names what is.

/** Longer than a step-up takes. */
const KEPT_SECONDS = 900;
/** The address stands in another one's query: see safeCallbackUrl. */
const MAX_LENGTH = 900;

/** The typed fields that may be shown again. */
export function keptValues({ keep = [] }: FormPlan, data: unknown): Record<string, string> {
  if (!(data instanceof FormData)) return {};
  const fields = new FormFields(data);
  return Object.fromEntries(keep.map((name) => [name, fields.shown(name)]));
}

/** The form's page, to come back to with what was typed into it. */
export function pageWithKept({ ctx, signedIn }: WebCaller, plan: FormPlan, data: unknown): string {
  const values = keptValues(plan, data);
  if (!signedIn || Object.values(values).every((value) => value === "")) return plan.page;
  const kept = Buffer.from(JSON.stringify({ at: ctx.now.getTime(), values }));
  const sealed = seal(ctx.keys.ring, kept, binding(signedIn.user.id, plan.page));
  const path = `${plan.page}${plan.page.includes("?") ? "&" : "?"}kept=${encodeURIComponent(sealed)}`;
  return path.length > MAX_LENGTH ? plan.page : path;
}

/** What was typed into this page's form before; nothing where the text is none of ours, or too old. */
export function readKept(
  { ctx, signedIn }: SignedInCaller,
  page: string,
  sealed: string,
): Map<string, string> {
  if (sealed === "") return new Map();
  try {
    const kept = open(ctx.keys.ring, sealed, binding(signedIn.user.id, page));
    // Sealed by us, so of this shape.
    const { at, values } = JSON.parse(kept.toString()) as { at: number; values: Record<string, string> };
    return new Map(ctx.now.getTime() - at > KEPT_SECONDS * 1000 ? [] : Object.entries(values));
  } catch (error) {
    if (error instanceof UnsealError) return new Map();
    throw error;
  }
}

function binding(userId: string, page: string): string {
  return `kept:${userId}:${page}`;
}
