import { answerConformance } from "@/lib/dialects/conformance";

export const GET = answerConformance;
