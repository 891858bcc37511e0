import { omnitron } from "@/lib/dialects/omnitron";

export const { DELETE, GET, OPTIONS, PATCH, POST, PUT } = omnitron.elsewhere;
