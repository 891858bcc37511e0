import { thogits } from "@/lib/dialects/thogits";

export const { DELETE, GET, OPTIONS, PATCH, POST, PUT } = thogits.at("/api/auth/register");
