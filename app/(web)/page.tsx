import { redirect } from "next/navigation";
import { HOME } from "@/lib/web/callback-url";
import { readCaller } from "@/lib/web/session";

export default async function StartPage() {
  const { signedIn } = await readCaller();
  redirect(signedIn ? HOME : "/sign-in");
}
