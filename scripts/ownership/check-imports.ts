/** Of `npm run lint`: which file may import which, as `ownership.json` says. Biome's rules cannot read it. */
import { projectRoot } from "../../infra/bundle.ts";
import { UserError } from "../errors.ts";
import { runMain } from "../run-main.ts";
import { findWrongImports } from "./imports.ts";
import { readOwnership } from "./ownership.ts";

await runMain(async () => {
  const wrong = findWrongImports(projectRoot, readOwnership(projectRoot));
  if (wrong.length === 0) return;
  const lines = wrong.map(
    ({ importer, imported, why }) => `${importer} imports ${imported}: ${why}.`,
  );
  throw new UserError(lines.join("\n"));
});
