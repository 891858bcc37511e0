import type pg from "pg";
import { isEmbedded } from "./connection";

/** How much later than the database its client gives up, which the database need not notice. */
const graceMs = 1500;

/**
 * Runs a statement that looks through more than any request does. The database itself ends it when its time is over.
 * @param client a connection that is used for nothing afterwards: the limit stays on it
 * @param connection what it was made of
 * @throws Error when the statement fails or takes longer than `withinMs`
 */
export async function queryPatiently<Row extends pg.QueryResultRow>(
  client: pg.ClientBase,
  connection: pg.PoolConfig,
  query: pg.QueryConfig,
  withinMs: number,
): Promise<Row[]> {
  const send = (sent: pg.QueryConfig) => {
    // pg takes it for each statement; its types say so of connections alone.
    const limited: pg.QueryConfig & { query_timeout: number } = {
      ...sent,
      query_timeout: withinMs + graceMs,
    };
    return client.query<Row>(limited);
  };
  // The embedded form has one session for all its clients, whose setting it would become, and nothing that could end a statement.
  if (!isEmbedded(connection)) await send({ text: `SET statement_timeout = ${withinMs}` });
  return (await send(query)).rows;
}
