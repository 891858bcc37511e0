/** A page's query as Next gives it. */
export type Query = Promise<Record<string, string | string[] | undefined>>;

/** One parameter of a page's query; given several times, the first counts. */
export async function queryText(query: Query, name: string): Promise<string> {
  const value = (await query)[name];
  return (Array.isArray(value) ? value[0] : value) ?? "";
}
