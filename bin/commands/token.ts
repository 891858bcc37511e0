import type { Command } from "commander";
import { isAdministrators, SCOPES } from "@/lib/core/access/scopes";
import {
  type ApiTokenSummary,
  createApiTokenFor,
  listApiTokensOf,
  revokeApiTokenOf,
} from "@/lib/core/api-tokens";
import type { Context } from "@/lib/core/context";
import { LIMITS } from "@/lib/core/limits";
import { Refused } from "@/lib/core/refusals";
import { findUser, type UserSummary } from "@/lib/core/user-summary";
import { actorName, withContext } from "../context";
import { print } from "../print";
import { Problem } from "../problem";

type Json = { json?: boolean };
type Create = Json & { user: string; scope: string[]; days: string; name: string };
type Revoke = Json & { user: string; id: string };

const { maxDays, defaultDays } = LIMITS.apiTokens;

/** countersign token … */
export function addToken(program: Command): void {
  const token = program.command("token").description("API tokens, which programs prove themselves with");
  token
    .command("create")
    .description("make a token for an account, and show it this once")
    .requiredOption("--user <email>", "the account's e-mail address")
    .requiredOption("--scope <scope>", "what it may do; may be given several times", collect)
    .option("--days <number>", `how long it lasts, at most ${maxDays}`, String(defaultDays))
    .option("--name <name>", "what to call it", "Made on the command line")
    .option("--json", "print JSON")
    .addHelpText("after", `\nScopes:\n${scopeLines().join("\n")}`)
    .action(create);
  token
    .command("list")
    .description("show an account's tokens, never the tokens themselves")
    .requiredOption("--user <email>", "the account's e-mail address")
    .option("--json", "print JSON, one array")
    .action(list);
  token
    .command("revoke")
    .description("end a token at once")
    .requiredOption("--user <email>", "the account's e-mail address")
    .requiredOption("--id <id>", "which one, as token list shows it")
    .option("--json", "print JSON")
    .action(revoke);
}

function collect(scope: string, others: string[] = []): string[] {
  return [...others, scope];
}

function scopeLines(): string[] {
  return SCOPES.map((scope) => `  ${scope}${isAdministrators(scope) ? " (administrators)" : ""}`);
}

async function create(options: Create): Promise<void> {
  const { user: email, scope: scopes, name } = options;
  const unknown = scopes.find((scope) => !SCOPES.includes(scope));
  if (unknown !== undefined)
    throw new Problem(`There is no scope ${JSON.stringify(unknown)}, but these: ${SCOPES.join(", ")}`);
  const days = readDays(options.days);
  const made = await withContext(async (ctx) => {
    checkOwner(await findUser(ctx, { email }), scopes);
    return createApiTokenFor(ctx, { email, name, scopes, days, actor: actorName() });
  });
  const { token, id, expiresAt } = made;
  print(options.json, { token, id, expiresAt }, [
    token,
    "This is the only time that it is shown.",
    `It ends ${expiresAt.toISOString()}; to end it before: countersign token revoke --user ${email} --id ${id}`,
  ]);
}

function readDays(typed: string): number {
  const days = /^\d{1,4}$/.test(typed) ? Number(typed) : 0;
  if (days < 1 || days > maxDays) throw new Problem(`--days takes a whole number from 1 to ${maxDays}`);
  return days;
}

/** What the core would refuse, said in the words of whoever runs the service. */
function checkOwner({ disabledAt, isAdmin }: UserSummary, scopes: string[]): void {
  if (disabledAt) throw new Problem("That account is disabled");
  const foreign = isAdmin ? [] : scopes.filter(isAdministrators);
  if (foreign.length > 0) throw new Problem(`Only an administrator's token can have ${foreign.join(", ")}`);
}

async function list(options: Json & { user: string }): Promise<void> {
  const tokens = await withContext((ctx) => listApiTokensOf(ctx, options.user));
  const lines = tokens.length > 0 ? tokens.map(line) : ["There are no tokens."];
  print(options.json, tokens, lines);
}

function line({ id, name, scopes, expiresAt, lastUsedAt }: ApiTokenSummary): string {
  const used = lastUsedAt ? `last used ${lastUsedAt.toISOString()}` : "never used";
  return [id, name, scopes.join(" "), `ends ${expiresAt.toISOString()}`, used].join("\t");
}

async function revoke(options: Revoke): Promise<void> {
  const { id } = options;
  await withContext((ctx) => revokeOne(ctx, options));
  print(options.json, { id }, ["That token is revoked: it is dead from now on."]);
}

async function revokeOne(ctx: Context, { user: email, id }: Revoke): Promise<void> {
  await findUser(ctx, { email });
  try {
    await revokeApiTokenOf(ctx, { email, id, actor: actorName() });
  } catch (error) {
    // The account is there, so it is the token that is not.
    if (error instanceof Refused && error.refusal.code === "not_found")
      throw new Problem("That account has no token with that id");
    throw error;
  }
}
