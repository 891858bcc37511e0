import { redirect } from "next/navigation";
import { HOME } from "@/lib/web/callback-url";

export default function SettingsPage(): never {
  redirect(HOME);
}
