import { notFound } from "next/navigation";
import { readRevealedCodes } from "@/lib/core/factors/recovery-codes";
import { HOME } from "./callback-url";
import { recoveryFileName, recoveryText } from "./recovery-file";
import { requireSignedIn } from "./session";

/** New recovery codes as a file, as long as their page shows them. */
export async function downloadRecoveryCodes(): Promise<Response> {
  const { ctx, signedIn } = await requireSignedIn(`${HOME}/recovery-codes`);
  const codes = await readRevealedCodes(ctx, signedIn);
  if (codes === null) notFound();
  const { issuer } = ctx.settings;
  const { email } = signedIn.user;
  return new Response(recoveryText(codes, issuer, email, ctx.now), {
    headers: {
      "Content-Type": "text/plain; charset=utf-8",
      "Content-Disposition": `attachment; filename="${recoveryFileName(issuer, email, ctx.now)}"`,
      "Cache-Control": "no-store",
    },
  });
}
