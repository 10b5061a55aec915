/** `npm run docs`: writes the generated part of docs/tools.md anew. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../infra/bundle.ts";
import { documentPath, renewDocument } from "./docs/generated.ts";

const path = join(projectRoot, documentPath);
const text = await readFile(path, "utf8");
const renewed = renewDocument(text);
if (renewed !== text) await writeFile(path, renewed);
console.log(`${documentPath} ${renewed === text ? "is up to date" : "was written anew"}.`);
