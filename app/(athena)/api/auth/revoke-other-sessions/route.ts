import { athena } from "@/lib/dialects/athena";

export const { DELETE, GET, OPTIONS, PATCH, POST, PUT } = athena.at("/api/auth/revoke-other-sessions");
