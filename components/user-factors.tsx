import type { UserDetails } from "@/lib/core/admin/read-user";
import { a } from "@/lib/web/admin-messages";
import { dayInWords, momentInWords } from "@/lib/web/date-words";
import { Moment } from "./moment";

type Factor = UserDetails["factors"][number];
type Props = { user: UserDetails; isOwn: boolean; now: Date };

/** Somebody's authenticators, live ones and those that wait for their owner; never a key. */
export function UserFactors({ user, isOwn, now }: Props) {
  const { factors, people } = user;
  if (factors.length === 0) return <p>{a.user.noFactors}</p>;
  return (
    <ul className="divide-y divide-line border-y border-line">
      {factors.map((factor) => (
        <li key={factor.id} className="flex flex-wrap items-start justify-between gap-x-6 gap-y-1 py-3">
          <div className="min-w-0">
            <p className="break-words">
              <span className="font-medium" translate="no">
                {factor.name}
              </span>{" "}
              <span className="font-mono text-sm text-quiet">#{factor.number}</span>
            </p>
            <p className="break-words text-sm text-quiet">
              {factor.confirmedAt === null ? (
                <Waiting factor={factor} people={people} now={now} />
              ) : (
                <Live factor={factor} confirmedAt={factor.confirmedAt} now={now} />
              )}
            </p>
          </div>
          {!isOwn && (
            <a
              href={`/admin/users/${user.id}/devices/${factor.id}/remove`}
              aria-label={`${a.user.remove} ${factor.name}`}
              className="link link-alone"
            >
              {a.user.remove}
            </a>
          )}
        </li>
      ))}
    </ul>
  );
}

type WaitingProps = { factor: Factor; people: UserDetails["people"]; now: Date };

function Waiting({ factor: { createdAt, provisionedBy }, people, now }: WaitingProps) {
  const by = provisionedBy ? (people.get(provisionedBy) ?? provisionedBy) : "";
  return (
    <>
      <span className="font-semibold text-owed">{a.user.waiting}</span>,{" "}
      <Moment at={createdAt} now={now} words={a.user.madeBy(by, dayInWords(createdAt, now))} />
    </>
  );
}

function Live({
  factor: { lastUsedAt },
  confirmedAt,
  now,
}: {
  factor: Factor;
  confirmedAt: Date;
  now: Date;
}) {
  return (
    <>
      <Moment at={confirmedAt} now={now} words={a.user.confirmedAt(dayInWords(confirmedAt, now))} />,{" "}
      {lastUsedAt ? (
        <Moment at={lastUsedAt} now={now} words={a.user.lastUsed(momentInWords(lastUsedAt, now))} />
      ) : (
        a.user.neverUsed
      )}
    </>
  );
}
