import type { ReactNode } from "react";

type Column = {
  name: string;
  isHiddenOnPhone?: boolean;
  isUnbroken?: boolean;
  /** Has room for most addresses, whatever stands beside it. */
  isAddress?: boolean;
};
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
          {columns.map((column) => (
            <th
              key={column.name}
              scope="col"
              className={`whitespace-nowrap text-sm font-normal text-quiet ${look(column)}`}
            >
              {column.name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="divide-y divide-line">
        {rows.map(({ id, cells }) => (
          <tr key={id} className="align-baseline">
            {columns.map((column, index) => (
              <td key={column.name} className={look(column)}>
                {cells[index]}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function look({ isHiddenOnPhone, isUnbroken, isAddress }: Column): string {
  const breaks = isUnbroken ? "whitespace-nowrap" : "[overflow-wrap:anywhere]";
  return `py-2 pe-4 text-start last:pe-0 ${breaks} ${isAddress ? "w-36 lg:w-52" : ""} ${isHiddenOnPhone ? "max-sm:hidden" : ""}`;
}
