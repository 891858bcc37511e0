import type { Command } from "commander";
import { type Env, EnvError, env } from "@/lib/env";
import { withDatabase } from "../database";
import {
  checkAddress,
  checkDatabase,
  checkDataDirectory,
  checkKeys,
  checkMail,
  type Finding,
  hasDatabase,
} from "../doctor-checks";
import { print } from "../print";
import { describeProblem } from "../problem";

/** countersign doctor */
export function addDoctor(program: Command): void {
  program
    .command("doctor")
    .description("look for what is wrong with this installation, and say how to mend it")
    .option("--json", "print JSON")
    .action(async (options: { json?: boolean }) => {
      const findings = await examine();
      const problems = findings.filter(({ ok }) => !ok).length;
      const summary = problems === 0 ? "Nothing is wrong." : `Problems: ${problems}.`;
      print(options.json, { ok: problems === 0, findings }, [...findings.flatMap(describeFinding), summary]);
      if (problems > 0) process.exitCode = 1;
    });
}

async function examine(): Promise<Finding[]> {
  let settings: Env;
  try {
    settings = env();
  } catch (error) {
    if (!(error instanceof EnvError)) throw error;
    return [
      { check: "settings", ok: false, detail: error.message, mend: "correct that environment variable" },
    ];
  }
  return [
    { check: "settings", ok: true, detail: "all can be used" },
    ...checkAddress(settings),
    checkDataDirectory(settings),
    checkKeys(settings),
    ...(await examineDatabase(settings)),
    await checkMail(settings),
  ];
}

async function examineDatabase(settings: Env): Promise<Finding[]> {
  if (!hasDatabase(settings)) {
    return [{ check: "database", ok: true, detail: "embedded: none yet, the first start makes it" }];
  }
  try {
    return await withDatabase(settings, () => checkDatabase(settings));
  } catch (error) {
    return [
      {
        check: "database",
        ok: false,
        detail: describeProblem(error),
        mend: "end the process that holds the data directory",
      },
    ];
  }
}

function describeFinding({ check, ok, detail, mend }: Finding): string[] {
  return [`${ok ? "ok   " : "WRONG"} ${check}: ${detail}`, ...(mend ? [`      to mend: ${mend}`] : [])];
}
