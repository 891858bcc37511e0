import { authentik } from "@/lib/dialects/authentik";
import { answerOpenApi } from "@/lib/dialects/openapi";

export const GET = answerOpenApi(authentik);
