/** `npm run docs`: writes the generated parts of the documents again. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { projectRoot } from "../infra/bundle.ts";
import { takeFigures } from "./docs/figures.ts";
import { chartPath, documentPaths, renewChart, renewDocument } from "./docs/generated.ts";
import { offerPath, renewOfferPage } from "./docs/offer-page.ts";
import { readText } from "./stack-file/project.ts";

/** Each generated document, and the function that renews it. */
const renewals: readonly (readonly [string, (text: string | undefined) => string])[] = [
  ...documentPaths.map((path) => [path, (text = "") => renewDocument(path, text)] as const),
  [chartPath, renewChart],
  [offerPath, (text) => renewOfferPage(projectRoot, text)],
];

takeFigures();

/** Documents that the caller wants alone. */
const wanted = process.argv.slice(2);

for (const [document, renew] of renewals) {
  if (wanted.length > 0 && !wanted.includes(document)) continue;
  const path = join(projectRoot, document);
  const text = await readText(path);
  const renewed = renew(text);
  if (renewed !== text) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, renewed);
  }
  console.log(`${document} ${renewed === text ? "is up to date" : "was written"}.`);
}
