export { updateSession as POST } from "@/lib/web/auth";
export { answerSession as GET } from "@/lib/web/session-answer";
