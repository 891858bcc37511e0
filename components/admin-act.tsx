import type { ReactNode } from "react";
import type { FormAction } from "@/lib/web/form-state";
import { AdminFrame } from "./admin-frame";
import { Notice } from "./ui/notice";

type Props = {
  /** Of the administrator. */
  email: string;
  signOut: FormAction;
  title: string;
  /** Whose account it is about. */
  user: { email: string; name: string | null };
  consequence: string;
  tone: "danger" | "owed" | "given";
  children: ReactNode;
};

/** A page that does one thing to somebody's account: what, to whom, and what comes of it. */
export function AdminAct({ email, signOut, title, user, consequence, tone, children }: Props) {
  return (
    <AdminFrame email={email} current="/admin/users" signOut={signOut}>
      <h1 className="break-words text-2xl font-semibold tracking-tight">{title}</h1>
      <p className="mb-5 mt-2 break-words text-quiet" translate="no">
        {user.name ? `${user.name}, ${user.email}` : user.email}
      </p>
      <div className="mb-6 max-w-prose">
        <Notice tone={tone} role="note">
          {consequence}
        </Notice>
      </div>
      {children}
    </AdminFrame>
  );
}
