import { authentik } from "@/lib/dialects/authentik";

export const { DELETE, GET, OPTIONS, PATCH, POST, PUT } = authentik.at(
  "/api/v3/authenticators/static/{id}/used_by",
);
