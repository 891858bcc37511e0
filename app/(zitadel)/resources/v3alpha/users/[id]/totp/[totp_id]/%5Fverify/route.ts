import { zitadel } from "@/lib/dialects/zitadel";

export const { DELETE, GET, OPTIONS, PATCH, POST, PUT } = zitadel.at(
  "/resources/v3alpha/users/{id}/totp/{totp_id}/_verify",
);
