import { omnitron } from "@/lib/dialects/omnitron";
import { answerOpenApi } from "@/lib/dialects/openapi";

export const GET = answerOpenApi(omnitron);
