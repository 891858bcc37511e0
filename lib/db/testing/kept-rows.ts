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
/** Rows that are gone are read past until then: thousands in a minute, and nobody else comes as often. */
const VACUUMED_EVERY = 25;
/** Only grows, and is kept from every change. */
const NOT_KEPT = ["event", "_prisma_migrations"];

/** What may change in a table though a request was refused. */
type MayChange = Readonly<
  Record<string, { columns?: readonly string[]; rows?: string /* SQL that is true of them */ }>
>;

/** What a request may leave behind whatever it asks for. */
export const BOOK_KEEPING: MayChange = {
  // A session lives on by being used.
  session: { columns: ["last_seen_at"] },
  // Its owner sees when it was used last.
  api_token: { columns: ["last_used_at"] },
  // So many refusals an hour are written down of one account, and they are counted here.
  address_budget: { rows: "key LIKE 'refusalNote:%'" },
};

/** What a wrong password or code may leave behind: it is counted, and its owner is told by mail. */
export const COUNTED_TRIES: MayChange = {
  ...BOOK_KEEPING,
  factor_budget: { rows: "true" },
  password_budget: { rows: "true" },
  address_budget: { rows: "true" },
  challenge: {
    columns: ["tries", "account_units", "browser_units", "weak_account_units", "weak_browser_units"],
  },
  totp_factor: { columns: ["account_units", "program_tries"] },
  known_browser: { columns: ["last_seen_at", "spent"] },
  mail: { rows: "kind IN ('sign_in_code_failed', 'sign_in_locked')" },
};

/** The rows of a database as they were at a moment. */
export type KeptRows = {
  /** The tables of which a row is not as it was, apart from what may change; events are not looked at. */
  changed(): Promise<string[]>;
  /** Makes all rows as they were, whatever may change too. What happened stays in the audit trail. */
  restore(): Promise<void>;
  /** Remembers a table as it is now, in place of what it was. */
  keepAgain(table: string): Promise<void>;
  /** Ends its connection. */
  stop(): Promise<void>;
};

/**
 * Remembers all rows of a database. It must be the test's own (startOwnTestDatabase), with few rows in it.
 * @param connection to the database
 * @throws Error when there is a table that this file does not know
 */
export async function keepRows(connection: pg.ClientConfig, mayChange: MayChange): Promise<KeptRows> {
  const client = new pg.Client(connection);
  await client.connect();
  const columns = await columnsByTable(client);
  const unknown = [...columns.keys()].filter((table) => ![...TABLES, ...NOT_KEPT].includes(table));
  if (unknown.length > 0) throw new Error(`lib/db/testing/kept-rows.ts does not know ${unknown.join(", ")}`);
  const run = (statement: string) => client.query(statement);
  await run("DROP SCHEMA IF EXISTS kept CASCADE");
  await run("CREATE SCHEMA kept");
  await run(`CREATE TABLE kept.versions ("table" text PRIMARY KEY, version numeric)`);
  for (const table of TABLES) {
    // The version first: what is written between the two is seen as a change, then.
    await run(`INSERT INTO kept.versions VALUES ('${table}', ${version(table)})`);
    await run(`CREATE TABLE kept."${table}" AS TABLE public."${table}"`);
  }
  const differs = (table: string) => {
    const { columns: free = [], rows: mayDiffer = "false" } = mayChange[table] ?? {};
    const names = (columns.get(table) ?? []).filter((name) => !free.includes(name));
    // JSON has no equality, its text has.
    const rows = (schema: string) =>
      `SELECT ${names.map((name) => `"${name}"::text`).join()} FROM ${schema}."${table}" WHERE NOT (${mayDiffer})`;
    const either = `(${rows("public")} EXCEPT ALL ${rows("kept")}) UNION ALL (${rows("kept")} EXCEPT ALL ${rows("public")})`;
    return `
      IF ${isTouched(table)} THEN
        IF EXISTS (${either}) THEN changed := changed || '${table}'::text; END IF;
      END IF;`;
  };
  // What a deletion takes along or changes is in a later table, which is touched then.
  const restored = (table: string) => `
    IF ${isTouched(table)} THEN
      DELETE FROM public."${table}";
      INSERT INTO public."${table}" TABLE kept."${table}";
      ${remembered(table)};
    END IF;`;
  // Functions, as their statements are planned once for each connection.
  await run(`CREATE FUNCTION kept.changed() RETURNS text[] LANGUAGE plpgsql AS $$
    DECLARE changed text[] := '{}'; BEGIN ${TABLES.map(differs).join("")} RETURN changed; END $$`);
  await run(`CREATE FUNCTION kept.restore() RETURNS void LANGUAGE plpgsql AS $$
    BEGIN ${TABLES.map(restored).join("")} END $$`);
  let restores = 0;
  return {
    async changed() {
      const { rows } = await client.query<{ tables: string[] }>("SELECT kept.changed() AS tables");
      return rows[0]?.tables ?? [];
    },
    async restore() {
      await run("SELECT kept.restore()");
      restores += 1;
      if (restores % VACUUMED_EVERY === 0)
        await run(`VACUUM ${TABLES.map((table) => `public."${table}"`).join()}`);
    },
    async keepAgain(table) {
      await run(
        `${remembered(table)}; DELETE FROM kept."${table}"; INSERT INTO kept."${table}" TABLE public."${table}"`,
      );
    },
    stop: () => client.end(),
  };
}

/**
 * SQL of a number that is another as soon as a row is written or gone: each version of a row has its own place, or its own
 * transaction. To compare the rows themselves costs five times as much, and few requests write anything.
 */
function version(table: string): string {
  return `(SELECT coalesce(sum(hashtextextended(ctid::text || xmin::text, 0)), 0) FROM public."${table}")`;
}

const isTouched = (table: string) =>
  `${version(table)} IS DISTINCT FROM (SELECT version FROM kept.versions WHERE "table" = '${table}')`;

const remembered = (table: string) =>
  `UPDATE kept.versions SET version = ${version(table)} WHERE "table" = '${table}'`;

async function columnsByTable(client: pg.Client): Promise<Map<string, string[]>> {
  const { rows } = await client.query<{ table: string; names: string[] }>(`
    SELECT table_name::text AS "table", array_agg(column_name::text) AS names
    FROM information_schema.columns WHERE table_schema = 'public' GROUP BY table_name`);
  return new Map(rows.map(({ table, names }) => [table, names]));
}
