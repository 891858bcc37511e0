import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ipaddr from "ipaddr.js";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { composeEnvironment, readCompose } from "../bin/testing/compose";
import { generateKeys, parseKeys } from "./crypto/keys";
import { applyMigrations } from "./db/migrate";
import { findProjectRoot } from "./db/project-root";
import { type PostgresqlServer, startPostgresqlServer } from "./db/testing/postgresql-server";
import { readEnv } from "./env";

const root = findProjectRoot();
const read = (path: string) => readFileSync(join(root, path), "utf8");
const settings = [...read("lib/env.ts").matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(([, name]) => name);

describe("compose.yaml", () => {
  const { services } = readCompose();
  const instances = Object.keys(services).filter((name) => services[name]?.image === "countersign");
  const given = {
    PUBLIC_HOST: "id.example.org",
    POSTGRES_PASSWORD: "0123456789abcdef",
    COUNTERSIGN_KEYS: generateKeys(),
  };
  const caddysAddress = () => {
    const front = z.object({ networks: z.object({ front: z.object({ ipv4_address: z.ipv4() }) }) });
    return front.parse(services.caddy).networks.front.ipv4_address;
  };

  it("gives two instances the same settings, which the server takes", () => {
    expect(instances).toHaveLength(2);
    const [first, second] = instances.map((name) => composeEnvironment(name, given));
    expect(first).toEqual(second);
    expect(Object.keys(first ?? {}).filter((name) => !settings.includes(name))).toEqual([]);
    expect(readEnv(first ?? {})).toMatchObject({
      databaseUrl: "postgresql://countersign:0123456789abcdef@database/countersign",
      signUp: "closed",
      smtpUrl: null,
    });
    expect(parseKeys(readEnv(first ?? {}).keys ?? "").ring.sealingKey).toBe("k1");
  });

  it("holds no secret, asks for each, and tells the keys to the instances alone", () => {
    for (const name of Object.keys(given)) {
      const rest = Object.fromEntries(Object.entries(given).filter(([other]) => other !== name));
      expect(() => composeEnvironment(instances[0] ?? "", rest)).toThrow(`${name} is not given`);
    }
    expect(services.database?.environment).toEqual({
      POSTGRES_PASSWORD: expect.stringMatching(/^\$\{POSTGRES_PASSWORD:\?\}$/),
    });
    expect(services.caddy?.environment).toEqual({
      PUBLIC_HOST: expect.stringMatching(/^\$\{PUBLIC_HOST:\?\}$/),
    });
  });

  it("lets the instances believe Caddy alone, where Caddy is", () => {
    expect(composeEnvironment(instances[0] ?? "", given).TRUSTED_PROXIES).toBe(caddysAddress());
    for (const name of [...instances, "database"]) expect(services[name]).not.toHaveProperty("ports");
  });

  it("gives Caddy's fixed address to nobody else", () => {
    const caddy = caddysAddress();
    const config = z.object({ subnet: z.string(), gateway: z.ipv4(), ip_range: z.string() });
    const front = z.object({ ipam: z.object({ config: z.tuple([config]) }) });
    const { networks } = z.object({ networks: z.object({ front }) }).parse(readCompose());
    const { subnet, gateway, ip_range } = networks.front.ipam.config[0];
    const isIn = (address: string, network: string) => ipaddr.parse(address).match(ipaddr.parseCIDR(network));
    // Docker hands out what is in ip_range.
    expect(isIn(ip_range.split("/")[0] ?? "", subnet)).toBe(true);
    for (const fixed of [caddy, gateway])
      expect([isIn(fixed, subnet), isIn(fixed, ip_range)]).toEqual([true, false]);
    expect(caddy).not.toBe(gateway);
  });

  it("has Caddy ask every instance, at the port that it has, whether it is ready", () => {
    const caddyfile = read("deploy/Caddyfile");
    const [, upstreams = ""] = /reverse_proxy (.*) \{/.exec(caddyfile) ?? [];
    expect(upstreams.split(" ").sort()).toEqual(
      instances.map((name) => `${name}:${readEnv({}).port}`).sort(),
    );
    expect(caddyfile).toContain("health_uri /readyz");
  });
});

describe("deploy/database.sql", () => {
  const path = "deploy/database.sql";
  const password = "it's a \\'secret\"";
  // Of PostgreSQL's manual, appendix A.
  const WRONG_PASSWORD = "28P01";
  const NOT_ALLOWED = "42501";
  let server: PostgresqlServer;

  beforeAll(async () => {
    server = await startPostgresqlServer();
    // As the image's docker-entrypoint.sh has it: the superuser is given the same password.
    await query("postgres", "", `ALTER ROLE postgres PASSWORD ${pg.escapeLiteral(password)}`);
    const psql = ["-v", "ON_ERROR_STOP=1", "--no-psqlrc", "--no-password", "--dbname", server.url];
    const env = { ...process.env, POSTGRES_PASSWORD: password };
    execFileSync("psql", [...psql, "-f", join(root, path)], { env, stdio: "pipe" });
  });
  afterAll(() => server?.stop());
  const socket = () => new URL(server.url).searchParams.get("host") ?? "";

  /** What somebody finds with that name and password; null: they are not let in. */
  async function query(user: string, typed: string, text: string): Promise<unknown[] | null> {
    const client = new pg.Client({ host: socket(), user, password: typed, database: user });
    try {
      await client.connect();
      return (await client.query(text)).rows;
    } catch (error) {
      if (error instanceof pg.DatabaseError && error.code === WRONG_PASSWORD) return null;
      throw error;
    } finally {
      await client.end();
    }
  }

  it("is what compose.yaml has PostgreSQL run", () => {
    const mounted = `./${path}:/docker-entrypoint-initdb.d/countersign.sql:ro`;
    expect(readCompose().services.database?.volumes).toContain(mounted);
  });

  it("makes the service the owner of its database, who can migrate it, and no superuser", async () => {
    const connectionString = `postgresql://countersign@localhost/countersign?host=${socket()}`;
    expect(await applyMigrations({ connectionString })).not.toEqual([]);
    const may = "rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls";
    const role = `SELECT ${may} AS more FROM pg_roles WHERE rolname = current_user`;
    expect(await query("countersign", password, role)).toEqual([{ more: false }]);
    const program = query("countersign", password, "COPY (SELECT 1) TO PROGRAM 'true'");
    await expect(program).rejects.toMatchObject({ code: NOT_ALLOWED });
  });

  it("lets the service in by its password, and nobody by that as superuser", async () => {
    // As the image has it for whoever comes by network.
    writeFileSync(join(socket(), "data/pg_hba.conf"), "local all all scram-sha-256\n");
    await query("postgres", "", "SELECT pg_reload_conf()");
    // The server takes it up in its own time.
    await vi.waitFor(async () => expect(await query("countersign", "wrong", "SELECT 1")).toBeNull(), 20_000);
    expect(await query("countersign", password, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    expect(await query("postgres", password, "SELECT 1")).toBeNull();
  });
});

describe("deploy/countersign.service", () => {
  const unit = Object.fromEntries(
    [...read("deploy/countersign.service").matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [
      name,
      value,
    ]),
  );

  it("starts what is there, with settings that there are", () => {
    const [path = "", command] = unit.ExecStart?.split(" ") ?? [];
    expect(path.startsWith(`${unit.WorkingDirectory}/`)).toBe(true);
    const file = join(root, path.slice(unit.WorkingDirectory?.length));
    expect(() => accessSync(file, constants.X_OK)).not.toThrow();
    expect(existsSync(join(root, "bin/commands", `${command}.ts`))).toBe(true);
    const [name = "", value] = unit.Environment?.split("=") ?? [];
    expect(settings).toContain(name);
    expect(value).toBe(`/var/lib/${unit.StateDirectory}`);
  });

  it("starts nothing without its settings, which the guide has made before", () => {
    // A "-" before the path would let it start with the defaults.
    const path = unit.EnvironmentFile ?? "";
    expect(path).toMatch(/^\/etc\//);
    const guide = read("docs/deploy/systemd.md");
    const made = guide.indexOf(`install --mode=600 /dev/null ${path}`);
    expect(made).toBeGreaterThan(0);
    expect(made).toBeLessThan(guide.indexOf("systemctl enable --now countersign"));
  });

  it("keeps the data from others and the system from the server, and lets Node compile", () => {
    expect(unit).toMatchObject({
      StateDirectoryMode: "0700",
      ProtectSystem: "strict",
      NoNewPrivileges: "yes",
    });
    expect(unit.User).toBe("countersign");
    expect(unit).not.toHaveProperty("MemoryDenyWriteExecute");
  });
});

describe("deploy/vercel.json", () => {
  const file = z.strictObject({
    buildCommand: z.string(),
    crons: z.array(z.object({ path: z.string(), schedule: z.string() })),
  });
  const { buildCommand, crons } = file.parse(JSON.parse(read("deploy/vercel.json")));

  it("builds and migrates by what is there, and asks an address that there is", () => {
    expect(buildCommand.split(" && ")).toEqual(["script/build", "bin/countersign migrate"]);
    expect(crons.map(({ path }) => existsSync(join(root, "app/(web)", path, "route.ts")))).toEqual([true]);
  });
});
