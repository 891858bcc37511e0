import { text } from "node:stream/consumers";
import type { Command } from "commander";
import { resetTwoFactor } from "@/lib/core/admin/reset-two-factor";
import { findUser, listUsers, type UserSummary } from "@/lib/core/user-summary";
import { createUser } from "@/lib/core/users";
import { actorName, withContext } from "../context";
import { print } from "../print";
import { Problem } from "../problem";

type Json = { json?: boolean };
type Create = Json & {
  email: string;
  password?: string;
  passwordStdin?: boolean;
  name?: string;
  admin?: boolean;
};

/** countersign user … */
export function addUser(program: Command): void {
  const user = program.command("user").description("accounts");
  user
    .command("create")
    .description("make an account")
    .requiredOption("--email <address>", "its e-mail address")
    .option("--password <password>", "its password; others on this machine may see what you type here")
    .option("--password-stdin", "read the password from standard input")
    .option("--name <name>", "what to call its owner")
    .option("--admin", "make it an administrator")
    .option("--json", "print JSON")
    .action(create);
  user
    .command("list")
    .description("show all accounts")
    .option("--json", "print JSON, one array")
    .action(list);
  user
    .command("show")
    .description("show one account")
    .requiredOption("--email <address>", "its e-mail address")
    .option("--json", "print JSON")
    .action(show);
  user
    .command("reset-2fa")
    .description("remove an account's authenticators, recovery codes and API tokens and end its sessions")
    .requiredOption("--email <address>", "its e-mail address")
    .option("--reason <text>", "for the audit trail", "reset on the command line")
    .option("--json", "print JSON")
    .action(reset);
}

async function create(options: Create): Promise<void> {
  const password = await readPassword(options);
  const { email, name = null, admin = false } = options;
  const made = await withContext((ctx) =>
    createUser(ctx, { email, password, name, isAdmin: admin }, actorName()),
  );
  const value = { id: made.id, number: made.number, email: made.email };
  print(options.json, value, [`Made account ${made.number}: ${made.email}`]);
}

async function readPassword(options: Create): Promise<string> {
  if ((options.passwordStdin ?? false) === (options.password !== undefined)) {
    throw new Problem("Give the password either with --password or with --password-stdin");
  }
  if (options.password !== undefined) return options.password;
  // The line's end belongs to the terminal or to echo, not to the password.
  return (await text(process.stdin)).replace(/\r?\n$/, "");
}

const pageSize = 500;

async function list(options: Json): Promise<void> {
  const users = await withContext(async (ctx) => {
    const all: UserSummary[] = [];
    for (;;) {
      const page = await listUsers(ctx, {
        order: "oldest",
        beyond: all.at(-1)?.number ?? 0,
        limit: pageSize,
      });
      all.push(...page);
      if (page.length < pageSize) return all;
    }
  });
  print(options.json, users, users.length > 0 ? users.map(line) : ["There are no accounts yet."]);
}

async function show(options: Json & { email: string }): Promise<void> {
  const found = await withContext((ctx) => findUser(ctx, options));
  print(options.json, found, describeUser(found));
}

async function reset(options: Json & { email: string; reason: string }): Promise<void> {
  const { email, reason } = options;
  const after = await withContext((ctx) => resetTwoFactor(ctx, { email, reason, actor: actorName() }));
  print(options.json, after, [
    `Two-factor sign-in of ${after.email} is reset: authenticators, recovery codes, API tokens and sessions are gone.`,
  ]);
}

function line({ number, email, isAdmin, twoFactor }: UserSummary): string {
  const marks = [isAdmin ? "administrator" : "", twoFactor.isOn ? "2FA on" : "2FA off"].filter(Boolean);
  return `${number}\t${email}\t${marks.join(", ")}`;
}

function describeUser(user: UserSummary): string[] {
  const { isOn, authenticators, recoveryCodesLeft } = user.twoFactor;
  return [
    `Account ${user.number} (${user.id})`,
    `E-mail: ${user.email}`,
    `Name: ${user.name ?? "none"}`,
    `Administrator: ${user.isAdmin ? "yes" : "no"}`,
    `Made: ${user.createdAt.toISOString()}`,
    `Two-factor sign-in: ${isOn ? `on, authenticators: ${authenticators}, recovery codes left: ${recoveryCodesLeft}` : "off"}`,
    ...(user.disabledAt ? [`Disabled: ${user.disabledAt.toISOString()}`] : []),
  ];
}
