import { cron } from "@/lib/web/cron";

export const GET = cron();
