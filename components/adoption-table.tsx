import type { AdoptionRow } from "@/lib/core/adoption";
import { a } from "@/lib/web/admin-messages";
import { momentInWords } from "@/lib/web/date-words";
import { AddressText } from "./address-text";
import { Moment } from "./moment";
import { TwoFactorState } from "./two-factor-state";

const HEAD = "py-2 pe-4 text-sm font-medium text-quiet";
const CELL = "py-2 pe-4 text-start";
const NUMBER = "py-2 pe-4 text-end tabular-nums";

/** Who has what. On a phone there is room for no more than whether they have it, below their address. */
export function AdoptionTable({ people, now }: { people: AdoptionRow[]; now: Date }) {
  return (
    <table className="w-full border-y border-line">
      <thead>
        <tr className="border-b border-line align-bottom">
          <th scope="col" className={`${HEAD} text-start lg:w-72`}>
            {a.adoption.person}
          </th>
          <th scope="col" className={`${HEAD} text-start max-sm:hidden`}>
            {a.adoption.has}
          </th>
          {[a.adoption.factors, a.adoption.codes, a.adoption.trusted].map((name) => (
            <th key={name} scope="col" className={`${HEAD} text-end max-lg:hidden`}>
              {name}
            </th>
          ))}
          <th scope="col" className={`${HEAD} whitespace-nowrap text-start max-sm:hidden`}>
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
        <div className="sm:hidden">
          <TwoFactorState standing={row} now={now} />
        </div>
      </th>
      <td className={`${CELL} max-sm:hidden`}>
        <TwoFactorState standing={row} now={now} />
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
