import type { Database } from "../client";

/** What may change in a table though nothing happened, and why. */
type BookKeeping = { columns?: readonly string[]; rows?: string; because: string };

/** What a refused request may leave behind beside its one event: everything else that changes is a fault. */
export const BOOK_KEEPING: Readonly<Record<string, BookKeeping>> = {
  session: {
    columns: ["last_seen_at"],
    because: "a session lives on by being used, whatever it is used for",
  },
  api_token: {
    columns: ["last_used_at"],
    because: "its owner sees when it was used last, whatever came of it",
  },
  address_budget: {
    rows: "key LIKE 'refusalNote:%'",
    because: "so many refusals an hour are written down of one account, and they are counted here",
  },
};

/** Of each table, how many rows it has and a hash over them. */
type TableDump = Readonly<Record<string, { rows: number; hash: string }>>;

/** The tables of the product, by name. */
async function tablesOf(db: Database): Promise<string[]> {
  const found = await db.$queryRaw<{ name: string }[]>`
    SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '\\_prisma%'
    ORDER BY tablename`;
  return found.map(({ name }) => name);
}

/** A database as it was: what is told of it, and how it is put back. Nobody else may use it meanwhile. */
export class KeptTables {
  readonly #db: Database;
  readonly #names: readonly string[];
  #latest: TableDump = {};

  private constructor(db: Database, names: readonly string[]) {
    this.#db = db;
    this.#names = names;
  }

  /** Keeps every table as it is now, in place of what was kept before. */
  static async keep(db: Database): Promise<KeptTables> {
    const kept = new KeptTables(db, await tablesOf(db));
    const copies = kept.#names.map((name) =>
      db.$executeRawUnsafe(`CREATE TABLE kept."${name}" AS SELECT * FROM public."${name}"`),
    );
    await db.$transaction([
      db.$executeRawUnsafe("DROP SCHEMA IF EXISTS kept CASCADE"),
      db.$executeRawUnsafe("CREATE SCHEMA kept"),
      ...copies,
    ]);
    kept.#latest = await kept.#dump();
    return kept;
  }

  /** Does `work`, and tells which tables it changed, apart from book-keeping, and how many events it left. */
  async changesOf<T>(work: () => Promise<T>): Promise<{ result: T; tables: string[]; events: number }> {
    const before = this.#latest;
    const result = await work();
    const after = await this.#dump();
    this.#latest = after;
    const tables = this.#names.filter((name) => before[name]?.hash !== after[name]?.hash);
    return { result, tables, events: (after.event?.rows ?? 0) - (before.event?.rows ?? 0) };
  }

  /** Puts these tables back as they were kept. Not the events: no statement of the service's takes one away. */
  async restore(tables: readonly string[]): Promise<void> {
    const changed = tables.filter((name) => name !== "event");
    if (changed.length === 0) return;
    await this.#db.$transaction([
      // Without this the rows that belong to others would go and come in an order of their own.
      this.#db.$executeRawUnsafe("SET LOCAL session_replication_role = replica"),
      ...changed.flatMap((name) => [
        this.#db.$executeRawUnsafe(`DELETE FROM public."${name}"`),
        this.#db.$executeRawUnsafe(`INSERT INTO public."${name}" SELECT * FROM kept."${name}"`),
      ]),
    ]);
    this.#latest = await this.#dump();
  }

  /** Every table as it is now, but for book-keeping. */
  async #dump(): Promise<TableDump> {
    const parts = this.#names.map((name) => {
      const { columns = [], rows = "false" } = BOOK_KEEPING[name] ?? {};
      const row = columns.reduce((json, column) => `${json} - '${column}'`, "to_jsonb(t)");
      return `SELECT '${name}' AS name, count(*)::int AS rows,
        coalesce(md5(string_agg(md5((${row})::text), '' ORDER BY md5((${row})::text))), '') AS hash
        FROM public."${name}" t WHERE NOT (${rows})`;
    });
    const found = await this.#db.$queryRawUnsafe<{ name: string; rows: number; hash: string }[]>(
      parts.join(" UNION ALL "),
    );
    return Object.fromEntries(found.map(({ name, rows, hash }) => [name, { rows, hash }]));
  }
}
