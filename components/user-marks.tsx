import { a } from "@/lib/web/admin-messages";

type Props = { user: { isAdmin: boolean; disabledAt: Date | null } };

/** What sets an account apart from others, in words. */
export function UserMarks({ user: { isAdmin, disabledAt } }: Props) {
  return (
    <>
      {isAdmin && <span className="text-sm font-semibold text-given"> {a.users.administrator}</span>}
      {disabledAt && <span className="text-sm font-semibold text-danger"> {a.users.disabled}</span>}
    </>
  );
}
