/** A text on one line of a table's column: what there is no room for is cut off, and stands in the title with the rest. */
export function Shortened({ children }: { children: string }) {
  return (
    <span className="block max-w-48 truncate lg:max-w-72" title={children} translate="no">
      {children}
    </span>
  );
}
