import { Command } from "commander";
import { addBackup } from "./commands/backup";
import { addDoctor } from "./commands/doctor";
import { addKeys } from "./commands/keys";
import { addMigrate } from "./commands/migrate";
import { addServe } from "./commands/serve";
import { addToken } from "./commands/token";
import { addUser } from "./commands/user";
import { tellProblem } from "./problem";

const program = new Command("countersign")
  .description("A two-factor sign-in service that you host yourself")
  .showHelpAfterError("(add --help for what there is)");
addServe(program);
addMigrate(program);
addDoctor(program);
addUser(program);
addToken(program);
addKeys(program);
addBackup(program);

try {
  await program.parseAsync();
  // Pools and timers of libraries may linger; what had to be finished was awaited.
  process.exit(process.exitCode);
} catch (error) {
  tellProblem(error);
  process.exit(1);
}
