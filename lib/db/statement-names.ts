/** Enough for every statement there is; one that is put together at length each time must not fill the server's memory. */
const MOST = 500;

/**
 * Names for statements, one for each text: PostgreSQL then parses and plans a statement once on each connection instead
 * of each time (its manual, section 55.2.3). Not for the embedded form, where all connections share one space of names.
 * @returns gives a text's name; the empty one, which names nothing, once there are too many
 */
export function statementNames(): (statement: { sql: string }) => string {
  const names = new Map<string, string>();
  return ({ sql }) => {
    const known = names.get(sql);
    if (known !== undefined || names.size === MOST) return known ?? "";
    const name = `s${names.size}`;
    names.set(sql, name);
    return name;
  };
}
