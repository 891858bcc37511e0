import { athena } from "@/lib/dialects/athena";
import { answerOpenApi } from "@/lib/dialects/openapi";

export const GET = answerOpenApi(athena);
