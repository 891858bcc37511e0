import { omnitron } from "@/lib/dialects/omnitron";

export const { DELETE, GET, OPTIONS, PATCH, POST, PUT } = omnitron.at("/api/v1/auth/logout");
