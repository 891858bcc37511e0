import { type ActName, a } from "@/lib/web/admin-messages";
import type { FormAction } from "@/lib/web/form-state";
import { SmallForm } from "./small-form";
import { ButtonLink } from "./ui/button";

type Props = {
  user: { id: string; disabledAt: Date | null; invitation: object | null; hasFactors: boolean };
  inviteAgain: FormAction;
};

/** What can be done to somebody's account; each is a page of its own, which says what comes of it. */
export function UserActs({ user: { id, disabledAt, invitation, hasFactors }, inviteAgain }: Props) {
  const place = `/admin/users/${id}`;
  const acts: ActName[] = disabledAt
    ? ["enable"]
    : ["unlock", "end-sessions", ...(hasFactors ? (["reset"] as const) : []), "disable"];
  return (
    <nav aria-label={a.user.acts} className="flex flex-wrap gap-3">
      <ButtonLink href={`${place}/make-device`}>{a.makeDevice.link}</ButtonLink>
      {invitation && !disabledAt && (
        <SmallForm action={inviteAgain} submit={a.user.inviteAgain} hidden={{ user: id }} />
      )}
      {acts.map((name) => (
        <ButtonLink key={name} href={`${place}/${name}`} tone={DANGEROUS.has(name) ? "dangerPlain" : "plain"}>
          {a.acts[name].submit}
        </ButtonLink>
      ))}
    </nav>
  );
}

const DANGEROUS: ReadonlySet<ActName> = new Set<ActName>(["reset", "disable"]);
