import { answerOpenApi } from "@/lib/dialects/openapi";
import { thogits } from "@/lib/dialects/thogits";

export const GET = answerOpenApi(thogits);
