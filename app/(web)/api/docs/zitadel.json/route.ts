import { answerOpenApi } from "@/lib/dialects/openapi";
import { zitadel } from "@/lib/dialects/zitadel";

export const GET = answerOpenApi(zitadel);
