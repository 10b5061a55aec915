import { expect, test } from "vitest";
import { projectRoot } from "../../infra/bundle.ts";
import { offerPath, renewOfferPage } from "../../scripts/docs/offer-page.ts";
import { findDeadLinks } from "../docs/dead-links.ts";
import { listFiles, readDocuments, readProject, readTheirDocuments } from "../docs/documents.ts";
import { findMissingPaths } from "../docs/missing-paths.ts";
import { findUnknownScripts } from "../docs/unknown-scripts.ts";

// What is checked of the texts of the person whose server this is. Ours are checked in tests/docs.

test("every link of your texts leads somewhere, with its anchor", async () => {
  const documents = await readTheirDocuments();
  expect(findDeadLinks(documents, await listFiles(), await readDocuments())).toEqual([]);
});

test("every path and npm script that your texts name is there", async () => {
  const documents = await readTheirDocuments();
  expect(findMissingPaths(documents, await listFiles())).toEqual([]);
  expect(findUnknownScripts(documents)).toEqual([]);
});

test(`${offerPath} says what your server offers; npm run docs writes it`, async () => {
  const written = await readProject(offerPath);
  expect(written).toBe(renewOfferPage(projectRoot, written));
});
