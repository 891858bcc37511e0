export { restartSignIn as GET } from "@/lib/web/restart-sign-in";
