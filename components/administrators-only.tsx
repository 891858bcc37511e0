import { a } from "@/lib/web/admin-messages";
import { GonePage } from "./entry-page";

/** What somebody who is no administrator sees in place of a page of the console. */
export function AdministratorsOnly() {
  return <GonePage title={a.only.title} text={a.only.text} href="/settings/security" link={a.only.back} />;
}
