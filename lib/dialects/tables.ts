import { athena } from "./athena";
import * as athenaTable from "./athena/cases";
import { authentik } from "./authentik";
import * as authentikTable from "./authentik/cases";
import type { Cases, Troubles } from "./cases";
import type { Dialect } from "./dialect";
import { omnitron } from "./omnitron";
import * as omnitronTable from "./omnitron/cases";
import { thogits } from "./thogits";
import * as thogitsTable from "./thogits/cases";
import { zitadel } from "./zitadel";
import * as zitadelTable from "./zitadel/cases";

/** Each dialect with what it answers: the tables that the tests run, and that /docs and /conformance are made of. */
export const tables: readonly { dialect: Dialect; cases: Cases; troubles: Troubles }[] = [
  { dialect: thogits, ...thogitsTable },
  { dialect: omnitron, ...omnitronTable },
  { dialect: athena, ...athenaTable },
  { dialect: authentik, ...authentikTable },
  { dialect: zitadel, ...zitadelTable },
];
