import type { Metadata } from "next";
import { AdminFrame } from "@/components/admin-frame";
import { AdministratorsOnly } from "@/components/administrators-only";
import { NewUserForm } from "@/components/new-user-form";
import { a } from "@/lib/web/admin-messages";
import { readKept } from "@/lib/web/kept-values";
import { type Query, queryText } from "@/lib/web/params";
import { requireFreshAdministrator } from "@/lib/web/session";
import { signOut } from "../../../sign-out-action";
import { makeNewUser } from "./actions";

export const metadata: Metadata = { title: a.newUser.title };

const PAGE = "/admin/users/new";

export default async function NewUserPage({ searchParams }: { searchParams: Query }) {
  const caller = await requireFreshAdministrator(PAGE);
  if (caller === null) return <AdministratorsOnly />;
  return (
    <AdminFrame email={caller.signedIn.user.email} current="/admin/users" signOut={signOut}>
      <h1 className="text-2xl font-semibold tracking-tight">{a.newUser.title}</h1>
      <p className="mb-5 mt-2 max-w-prose text-quiet">{a.newUser.intro}</p>
      <NewUserForm
        action={makeNewUser}
        kept={readKept(caller, PAGE, await queryText(searchParams, "kept"))}
      />
    </AdminFrame>
  );
}
