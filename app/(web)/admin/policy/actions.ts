"use server";

import { changePolicy } from "@/lib/core/policy-settings";
import { answerOwnForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";

const PAGE = "/admin/policy";

export async function savePolicy(_state: FormState, data: FormData): Promise<FormState> {
  const keep = ["from", "requiredFrom", "graceDays"];
  return answerOwnForm(data, { page: PAGE, keep }, async (fields, { ctx, signedIn }) => {
    const from = fields.text("from");
    const requiredFrom = from === "day" ? fields.text("requiredFrom") : from;
    await changePolicy(ctx, signedIn, { requiredFrom, graceDays: fields.text("graceDays") });
    return { goTo: `${PAGE}?done=saved` };
  });
}
