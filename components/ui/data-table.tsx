import type { ReactNode } from "react";

type Column = { name: string; isHiddenOnPhone?: boolean; isNameHidden?: boolean };
type Row = { id: string; cells: ReactNode[] };

/** A table for operators. On a phone it drops columns rather than scroll sideways. */
export function DataTable({
  label,
  columns,
  rows,
}: {
  label: string;
  columns: readonly Column[];
  rows: readonly Row[];
}) {
  return (
    <table aria-label={label} className="w-full border-y border-line text-start">
      <thead>
        <tr className="border-b border-line">
          {columns.map(({ name, isHiddenOnPhone, isNameHidden }) => (
            <th
              key={name}
              scope="col"
              className={`${CELL} text-sm font-normal text-quiet ${only(isHiddenOnPhone)}`}
            >
              <span className={isNameHidden ? "sr-only" : ""}>{name}</span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="divide-y divide-line">
        {rows.map(({ id, cells }) => (
          <tr key={id} className="align-baseline">
            {columns.map(({ name, isHiddenOnPhone }, index) => (
              <td key={name} className={`${CELL} ${only(isHiddenOnPhone)}`}>
                {cells[index]}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const CELL = "py-2 pe-4 text-start last:pe-0 [overflow-wrap:anywhere]";
const only = (isHiddenOnPhone = false) => (isHiddenOnPhone ? "max-sm:hidden" : "");
