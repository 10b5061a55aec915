import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type FigureName, newFigures } from "../../scripts/docs/figures.ts";

/**
 * Keeps the figures of a whole run for docs/security.md, where `npm run docs` puts them. A sample, as
 * `npm test` has, keeps nothing. Call it before the figures are judged: a bad run is to be seen as well.
 */
export async function keepFigures(name: FigureName, figures: object): Promise<void> {
  if (process.env.SOAK !== "1") return;
  await mkdir(newFigures, { recursive: true });
  await writeFile(join(newFigures, `${name}.json`), `${JSON.stringify(figures, null, 2)}\n`);
}
