import { mkdir, rm } from "node:fs/promises";
import { test } from "vitest";
import { storyTime } from "../support/patience.ts";
import { sample } from "../support/sample.ts";
import { Clone, upstream } from "./clone.ts";
import { addToolOfEachNeed } from "./each-need.ts";

// Tests of ours say nothing of the features that a person has: none of them turns red with another set.

/**
 * Our tests that are run: those that read the person's features, settings or documents, or all of the quick ones. No
 * other says anything of a clone that it does not say of this checkout.
 */
const files = sample(
  [
    "infra/free-plan infra/machine-clients infra/read-settings infra/settings infra/tool-",
    "scripts/dev/every scripts/docs scripts/mcp/adopt/open",
    "tests/docs/links tests/docs/paths worker/kit worker/tools",
  ].join(" "),
  "",
);

/** Where `writeTypesOfTheirs` writes, which Git ignores. */
const typesOfTheirs = ".dev/tsconfig.json";

/**
 * Types outside of the Worker are looked at in what is the person's. In files of ours they cannot differ from those here,
 * as those take theirs as lists of one type; tools-document.test.ts has all of them looked at, without the sample.
 */
const typeChecks = sample(
  [`npx tsc -p ${typesOfTheirs}`, "npx tsc -p worker"],
  ["npm run typecheck"],
);

/** Lets `tsc` look at the person's features, and at their tests with clients, as `npm run typecheck` does. */
async function writeTypesOfTheirs({ checkout }: Clone): Promise<void> {
  const settings = {
    extends: "../tsconfig.json",
    compilerOptions: { tsBuildInfoFile: "theirs.tsbuildinfo" },
    include: ["../worker/features.ts", "../tests/mine"],
  };
  await mkdir(checkout.path(".dev"), { recursive: true });
  await checkout.write(typesOfTheirs, JSON.stringify(settings));
}

/** How a person has what they have. */
const ways: Readonly<Record<string, (clone: Clone) => Promise<void>>> = {
  "new:server has made a server of one's own": makeServer,
  "the sample's files were deleted by hand": deleteSample,
  "there is a tool of each kind of need": async (clone) => {
    await makeServer(clone);
    await addToolOfEachNeed(clone.checkout);
  },
};

test.for(sample(Object.keys(ways).slice(-1), Object.keys(ways)))(
  "no test of ours is red when %s",
  { timeout: 5 * storyTime },
  async (way) => {
    await using clone = await Clone.make();
    await ways[way]?.(clone);
    await clone.run("npm run docs");
    await clone.commit("Make it mine");
    await writeTypesOfTheirs(clone);
    for (const check of typeChecks) await clone.run(check);
    await clone.run(`npm run test:unit -- --no-color ${files}`);
  },
);

async function makeServer(clone: Clone): Promise<void> {
  await clone.run(`npm run new:server -- acme-orders --from ${upstream} --yes`);
}

/** Lists that the program takes, by their folders, with the types of what they hold. */
const lists = { tools: "Tool", resources: "ResourceDefinition", prompts: "Prompt" };

/** Leaves what the program cannot do without: empty lists, and a scope for them. */
async function deleteSample({ checkout }: Clone): Promise<void> {
  for (const folder of ["tools", "resources", "prompts", "migrations"]) {
    await rm(checkout.path(`worker/${folder}`), { recursive: true, force: true });
  }
  await rm(checkout.path("tests/mine"), { recursive: true, force: true });
  for (const [kind, type] of Object.entries(lists)) {
    await mkdir(checkout.path(`worker/${kind}`), { recursive: true });
    const text = `import type { ${type} } from "../kit/index.ts";
import type { Scope } from "../scopes.ts";

export const ${kind}: readonly ${type}<Scope>[] = [];
`;
    await checkout.write(`worker/${kind}/index.ts`, text);
  }
  await checkout.edit("worker/tools/index.ts", "[];", "[];\n\nexport const removedTools = {};");
  await checkout.write(
    "worker/scopes.ts",
    `import { defineScopes } from "./kit/index.ts";

export const scopes = defineScopes({ "own:use": { words: "Use it", isBase: true } });

export type Scope = keyof typeof scopes;
`,
  );
}
