import { notFound } from "next/navigation";
import { readRevealedCodes } from "@/lib/core/factors/recovery-codes";
import { HOME } from "@/lib/web/callback-url";
import { recoveryFileName, recoveryText } from "@/lib/web/recovery-file";
import { requireSignedIn } from "@/lib/web/session";

/** New recovery codes as a file, as long as their page shows them. */
export async function GET(): Promise<Response> {
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
