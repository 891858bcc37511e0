import type { AdoptionRow } from "@/lib/core/adoption";
import { a } from "@/lib/web/admin-messages";
import { dateInWords, momentInWords } from "@/lib/web/date-words";
import { AddressText } from "./address-text";
import { Moment } from "./moment";

const HEAD = "py-2 pe-4 text-sm font-medium text-quiet";
const CELL = "py-2 pe-4 text-start";
const NUMBER = "py-2 pe-4 text-end tabular-nums";

/** Who has what. On a phone whether they have it is all there is room for. */
export function AdoptionTable({ people, now }: { people: AdoptionRow[]; now: Date }) {
  return (
    <table className="w-full table-fixed border-y border-line sm:table-auto">
      <thead>
        <tr className="border-b border-line align-bottom">
          <th scope="col" className={`${HEAD} text-start lg:w-80`}>
            {a.adoption.person}
          </th>
          <th scope="col" className={`${HEAD} text-start max-sm:w-2/5`}>
            {a.adoption.has}
          </th>
          <th scope="col" className={`${HEAD} text-start max-sm:hidden`}>
            {a.adoption.since}
          </th>
          {[a.adoption.factors, a.adoption.codes, a.adoption.trusted].map((name) => (
            <th key={name} scope="col" className={`${HEAD} text-end max-lg:hidden`}>
              {name}
            </th>
          ))}
          <th scope="col" className={`${HEAD} text-start max-sm:hidden`}>
            {a.adoption.lastSignIn}
          </th>
        </tr>
      </thead>
      <tbody className="divide-y divide-line">
        {people.map((row) => (
          <PersonRow key={row.id} row={row} now={now} />
        ))}
      </tbody>
    </table>
  );
}

function PersonRow({ row, now }: { row: AdoptionRow; now: Date }) {
  return (
    <tr className="align-baseline">
      <th scope="row" className={`${CELL} font-normal [overflow-wrap:anywhere]`}>
        <a href={`/admin/users/${row.id}`} className="link link-alone">
          <AddressText>{row.email}</AddressText>
        </a>
        {row.isAdmin && <span className="text-sm text-quiet"> {a.adoption.administrator}</span>}
      </th>
      <td className={CELL}>
        <Status row={row} now={now} />
      </td>
      <td className={`${CELL} whitespace-nowrap text-sm text-quiet max-sm:hidden`}>
        {row.since && <Moment at={row.since} now={now} words={dateInWords(row.since, now)} />}
      </td>
      {(["authenticators", "recoveryCodesLeft", "trustedBrowsers"] as const).map((count) => (
        <td key={count} className={`${NUMBER} max-lg:hidden`}>
          {row[count]}
        </td>
      ))}
      <td className={`${CELL} whitespace-nowrap text-sm text-quiet max-sm:hidden`}>
        {row.lastSignInAt ? (
          <Moment at={row.lastSignInAt} now={now} words={momentInWords(row.lastSignInAt, now)} />
        ) : (
          a.adoption.never
        )}
      </td>
    </tr>
  );
}

function Status({ row, now }: { row: AdoptionRow; now: Date }) {
  const { demand, lateSince, isOn } = row;
  if (isOn) return <span className="text-given">{a.adoption.on}</span>;
  if (lateSince)
    return (
      <span className="text-danger">
        <Moment at={lateSince} now={now} words={a.adoption.lateSince(dateInWords(lateSince, now))} />
      </span>
    );
  if (demand.isDue) return <span className="text-danger">{a.adoption.late}</span>;
  if (demand.enrolBy)
    return (
      <span className="text-owed">
        <Moment at={demand.enrolBy} now={now} words={a.adoption.inGrace(dateInWords(demand.enrolBy, now))} />
      </span>
    );
  return demand.isRequired ? a.adoption.nextSignIn : a.adoption.off;
}
