import { dirname } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { listFiles, ownership, readProject } from "../docs/documents.ts";

/** Files that name packages, by the ecosystem that Dependabot reads them as. */
const manifests: Readonly<Record<string, RegExp>> = {
  cargo: /(^|\/)Cargo\.toml$/,
  gomod: /(^|\/)go\.mod$/,
  maven: /(^|\/)pom\.xml$/,
  npm: /(^|\/)package\.json$/,
  // A list of packages by `pip freeze`.
  pip: /\/python\/[\w-]+\.txt$/,
};

/** A person may have packages of their own in other folders. */
const ours = /^(?:(?:infra|scripts|tests|worker)\/|[^/]+$)/;

const dependabot = z.object({
  updates: z.array(
    z.object({
      "package-ecosystem": z.string(),
      directory: z.string(),
      groups: z.record(z.string(), z.object({ patterns: z.array(z.string()).min(1) })).optional(),
    }),
  ),
});

test("Dependabot looks at every file that names packages, and packages of one file come together", async () => {
  const { updates } = dependabot.parse(parse(await readProject(".github/dependabot.yml")));
  const ofPackages = updates.filter((each) => each["package-ecosystem"] !== "github-actions");
  const places = ofPackages.map((each) => `${each["package-ecosystem"]} ${each.directory}`);
  const found = new Set<string>();
  const files = (await listFiles()).filter((file) => ours.test(file) && !ownership.isTheirs(file));
  for (const file of files) {
    const [ecosystem] = Object.entries(manifests).find(([, form]) => form.test(file)) ?? [];
    // The policy pack's has no packages: its parent's are used.
    if (ecosystem === undefined || file === "infra/policy/package.json") continue;
    found.add(`${ecosystem} /${dirname(file)}`.replace(/\/\.$/, "/"));
  }
  expect(places.sort()).toEqual([...found].sort());
  expect(ofPackages.filter(({ groups }) => groups === undefined)).toEqual([]);
});
