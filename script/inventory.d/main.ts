/** The entry point of script/inventory. */
import { takeInventory } from "./inventory";

const { entries, faults } = takeInventory();
for (const { name, operations, because } of entries)
  console.log(`${name}\t${because ?? operations.join(", ")}`);
for (const fault of faults) console.error(fault);
if (faults.length > 0) {
  console.error(
    "Every way in names its operations of the access matrix, or why it has none: see lib/core/access/unguarded.ts",
  );
  console.error("and script/inventory.d/public.ts.");
  process.exit(1);
}
