import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { AdminAct } from "@/components/admin-act";
import { AdministratorsOnly } from "@/components/administrators-only";
import { ReasonForm } from "@/components/reason-form";
import { ACTS, type ActName, a } from "@/lib/web/admin-messages";
import { readKept } from "@/lib/web/kept-values";
import { type Query, queryText } from "@/lib/web/params";
import { signOut } from "../../../../sign-out-action";
import { requireAccount } from "../read-account";
import { act } from "./actions";

type Props = { params: Promise<{ id: string; act: string }>; searchParams: Query };

const nameIn = async ({ params }: Pick<Props, "params">): Promise<ActName> => {
  const { act: asked } = await params;
  return ACTS.find((name) => name === asked) ?? notFound();
};

export async function generateMetadata(props: Props): Promise<Metadata> {
  return { title: a.acts[await nameIn(props)].title };
}

/** One thing that an administrator can do to an account, with a reason. */
export default async function ActPage(props: Props) {
  const name = await nameIn(props);
  const { id } = await props.params;
  const page = `/admin/users/${id}/${name}`;
  const caller = await requireAccount(id, page);
  if (caller === null) return <AdministratorsOnly />;
  const { signedIn, user } = caller;
  const { title, consequence, submit } = a.acts[name];
  const takesAway = name !== "enable" && name !== "unlock";
  return (
    <AdminAct
      email={signedIn.user.email}
      signOut={signOut}
      title={title}
      user={user}
      consequence={consequence}
      tone={takesAway ? "danger" : "owed"}
    >
      <ReasonForm
        action={act}
        hidden={{ user: user.id, act: name }}
        submit={submit}
        isDangerous={takesAway}
        back={`/admin/users/${user.id}`}
        reason={readKept(caller, page, await queryText(props.searchParams, "kept")).get("reason")}
      />
    </AdminAct>
  );
}
