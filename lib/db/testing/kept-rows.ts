import pg from "pg";

/** Tables in the order in which rows can be put in; each goes with whatever of a later one belongs to it. */
const TABLES = [
  "installation",
  "policy",
  "user",
  "grace_period",
  "session",
  "challenge",
  "totp_factor",
  "recovery_code",
  "recovery_reveal",
  "known_browser",
  "trusted_browser",
  "mail_link",
  "mail",
  "api_token",
  "token_reveal",
  "factor_budget",
  "password_budget",
  "address_budget",
];
/** Only grows, and is kept from every change. */
const NOT_KEPT = ["event", "_prisma_migrations"];

/** What counts tries, or tells when something was seen: a refused request may change it. */
const MAY_CHANGE: Record<string, readonly string[] | "all"> = {
  factor_budget: "all",
  password_budget: "all",
  address_budget: "all",
  session: ["last_seen_at"],
  challenge: ["tries", "account_units", "browser_units", "weak_account_units", "weak_browser_units"],
  totp_factor: ["account_units", "program_tries"],
  known_browser: ["last_seen_at", "spent"],
  api_token: ["last_used_at"],
};

/** Which rows are compared at all: owners are told by mail of what was refused. */
const COMPARED: Record<string, string> = { mail: "kind NOT IN ('sign_in_code_failed', 'sign_in_locked')" };

/** The rows of a database as they were at a moment. */
export type KeptRows = {
  /** The tables of which a row is not as it was; budgets and times of last use are not looked at. */
  changed(): Promise<string[]>;
  /** Makes all rows as they were, budgets and times too. What happened stays in the audit trail. */
  restore(): Promise<void>;
  /** Ends its connection. */
  stop(): Promise<void>;
};

/**
 * Remembers all rows of a database. It must be the test's own (startOwnTestDatabase), with few rows in it.
 * @param connection to the database
 * @throws Error when there is a table that this file does not know
 */
export async function keepRows(connection: pg.ClientConfig): Promise<KeptRows> {
  const client = new pg.Client(connection);
  await client.connect();
  const columns = await columnsByTable(client);
  const unknown = [...columns.keys()].filter((table) => ![...TABLES, ...NOT_KEPT].includes(table));
  if (unknown.length > 0) throw new Error(`lib/db/testing/kept-rows.ts does not know ${unknown.join(", ")}`);
  const run = (statement: string) => client.query(statement);
  await run("DROP SCHEMA IF EXISTS kept CASCADE");
  await run("CREATE SCHEMA kept");
  for (const table of TABLES) await run(`CREATE TABLE kept."${table}" AS TABLE public."${table}"`);
  const compared = TABLES.filter((table) => MAY_CHANGE[table] !== "all");
  const differs = (table: string) => {
    const free = MAY_CHANGE[table] ?? [];
    const names = (columns.get(table) ?? []).filter((name) => !free.includes(name));
    // JSON has no equality, its text has.
    const rows = (schema: string) =>
      `SELECT ${names.map((name) => `"${name}"::text`).join()} FROM ${schema}."${table}" WHERE ${COMPARED[table] ?? true}`;
    const either = `(${rows("public")} EXCEPT ALL ${rows("kept")}) UNION ALL (${rows("kept")} EXCEPT ALL ${rows("public")})`;
    return `CASE WHEN EXISTS (${either}) THEN '${table}' END`;
  };
  // Functions, as their statements are planned once for each connection.
  await run(`CREATE FUNCTION kept.changed() RETURNS text[] LANGUAGE plpgsql AS $$
    BEGIN RETURN array_remove(ARRAY[${compared.map(differs).join(", ")}], NULL); END $$`);
  const emptied = [...TABLES].reverse().map((table) => `DELETE FROM public."${table}";`);
  const filled = TABLES.map((table) => `INSERT INTO public."${table}" TABLE kept."${table}";`);
  await run(`CREATE FUNCTION kept.restore() RETURNS void LANGUAGE plpgsql AS $$
    BEGIN ${[...emptied, ...filled].join(" ")} END $$`);
  return {
    async changed() {
      const { rows } = await client.query<{ tables: string[] }>("SELECT kept.changed() AS tables");
      return rows[0]?.tables ?? [];
    },
    async restore() {
      await run("SELECT kept.restore()");
    },
    stop: () => client.end(),
  };
}

async function columnsByTable(client: pg.Client): Promise<Map<string, string[]>> {
  const { rows } = await client.query<{ table: string; names: string[] }>(`
    SELECT table_name::text AS "table", array_agg(column_name::text) AS names
    FROM information_schema.columns WHERE table_schema = 'public' GROUP BY table_name`);
  return new Map(rows.map(({ table, names }) => [table, names]));
}
