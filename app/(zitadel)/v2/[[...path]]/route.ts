import { zitadel } from "@/lib/dialects/zitadel";

export const { DELETE, GET, OPTIONS, PATCH, POST, PUT } = zitadel.elsewhere;
