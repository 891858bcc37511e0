export { downloadRecoveryCodes as GET } from "@/lib/web/recovery-download";
