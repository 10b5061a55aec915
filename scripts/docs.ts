/** `npm run docs`: writes the generated parts of the documents anew. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../infra/bundle.ts";
import { documentPaths, renewDocument } from "./docs/generated.ts";

for (const document of documentPaths) {
  const path = join(projectRoot, document);
  const text = await readFile(path, "utf8");
  const renewed = renewDocument(document, text);
  if (renewed !== text) await writeFile(path, renewed);
  console.log(`${document} ${renewed === text ? "is up to date" : "was written anew"}.`);
}
