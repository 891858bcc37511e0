import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { AdminAct } from "@/components/admin-act";
import { AdministratorsOnly } from "@/components/administrators-only";
import { ReasonForm } from "@/components/reason-form";
import { findTotpOfUser } from "@/lib/core/factors/totp-of-users";
import { isId } from "@/lib/core/ids";
import { a } from "@/lib/web/admin-messages";
import { readKept } from "@/lib/web/kept-values";
import { type Query, queryText } from "@/lib/web/params";
import { signOut } from "../../../../../../sign-out-action";
import { orNotFound, requireAccount } from "../../../read-account";
import { removeDevice } from "./actions";

export const metadata: Metadata = { title: a.user.remove };

type Props = { params: Promise<{ id: string; device: string }>; searchParams: Query };

export default async function RemoveDevicePage({ params, searchParams }: Props) {
  const { id, device } = await params;
  const page = `/admin/users/${id}/devices/${device}/remove`;
  const caller = await requireAccount(id, page);
  if (caller === null) return <AdministratorsOnly />;
  if (!isId(device)) notFound();
  const { ctx, signedIn, user } = caller;
  const one = await orNotFound(findTotpOfUser(ctx, signedIn, { id: device }));
  if (one.user.id !== user.id) notFound();
  const isLast = user.twoFactor.authenticators === 1;
  const { live, last, waiting, title } = a.removeDevice;
  const consequence = one.confirmedAt === null ? waiting : isLast ? `${live} ${last}` : live;
  const head = { email: signedIn.user.email, signOut, title: title(one.name), user, consequence };
  return (
    <AdminAct {...head} tone={one.confirmedAt === null ? "owed" : "danger"}>
      <ReasonForm
        action={removeDevice}
        hidden={{ user: user.id, device: one.id }}
        submit={a.removeDevice.submit}
        isDangerous
        back={`/admin/users/${user.id}`}
        reason={readKept(caller, page, await queryText(searchParams, "kept")).get("reason")}
      />
    </AdminAct>
  );
}
