import { athena } from "@/lib/dialects/athena";

export const { DELETE, GET, OPTIONS, PATCH, POST, PUT } = athena.at("/api/auth/two-factor/send-otp");
