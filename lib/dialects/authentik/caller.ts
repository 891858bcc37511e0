import { readApiToken } from "@/lib/core/api-tokens";
import { AnswerInstead, type Caller, type ContextOf } from "../dialect";
import { ofRequest } from "../django-rest";

const NOTHING = "Authentication credentials were not provided.";

/** 403 and never 401, as authentik answers: its authentication names no scheme to try (django-rest-framework, "Authentication"). */
function refuseProof(detail: string): never {
  throw new AnswerInstead(ofRequest(403, detail));
}

/** authentik's callers bring an API token, and keep nothing else. */
export async function findCaller(request: Request, contextOf: ContextOf): Promise<Caller> {
  const header = request.headers.get("authorization")?.trim() ?? "";
  const [, scheme, token] = /^(\S+) +(.+)$/.exec(header) ?? [];
  if (scheme === undefined || token === undefined) return refuseProof(NOTHING);
  if (scheme.toLowerCase() !== "bearer") return refuseProof("Unsupported authentication type");
  const ctx = contextOf(request.headers, { via: "authentik", keepsCookies: false });
  const holder = await readApiToken(ctx, token);
  if (holder === null) return refuseProof("Token invalid/expired");
  return {
    ctx,
    holder,
    signedIn: null,
    sessionToken: null,
    heldTokens: [],
    challengeToken: null,
    heldChallenges: [],
    isByCookie: false,
    isRemembered: true,
  };
}
