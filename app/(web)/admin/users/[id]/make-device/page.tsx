import type { Metadata } from "next";
import { AdminAct } from "@/components/admin-act";
import { AdministratorsOnly } from "@/components/administrators-only";
import { NewDeviceForm } from "@/components/new-device-form";
import { a } from "@/lib/web/admin-messages";
import { readKept } from "@/lib/web/kept-values";
import { type Query, queryText } from "@/lib/web/params";
import { signOut } from "../../../../sign-out-action";
import { requireAccount } from "../read-account";
import { makeDevice } from "./actions";

export const metadata: Metadata = { title: a.makeDevice.title };

type Props = { params: Promise<{ id: string }>; searchParams: Query };

export default async function MakeDevicePage({ params, searchParams }: Props) {
  const { id } = await params;
  const page = `/admin/users/${id}/make-device`;
  const caller = await requireAccount(id, page);
  if (caller === null) return <AdministratorsOnly />;
  const { signedIn, user } = caller;
  const { title, consequence } = a.makeDevice;
  const head = { email: signedIn.user.email, signOut, title, user, consequence } as const;
  const kept = readKept(caller, page, await queryText(searchParams, "kept"));
  return (
    <AdminAct {...head} tone="given">
      <NewDeviceForm
        action={makeDevice}
        userId={user.id}
        back={`/admin/users/${user.id}`}
        name={kept.get("name")}
      />
    </AdminAct>
  );
}
