/** The entry point of script/limits. */
import { limitsDocument } from "./limits-document";

process.stdout.write(limitsDocument());
