import { expect, test } from "vitest";
import { parse } from "yaml";
import { secretSettings, settingsSchema } from "../../infra/settings.ts";
import {
  type Document,
  listAllCommands,
  listInlineCode,
  parseDocument,
  readDocuments,
  readProject,
  tellCount,
} from "./documents.ts";

const secrets = Object.keys(secretSettings);
const plain = Object.keys(settingsSchema.shape);
const settings = [...plain, ...secrets];

/** Keys that are set and are no setting of this project: Pulumi's own, and those of example tools. */
const otherKeys: Readonly<Record<string, string>> = {
  "cloudflare:apiToken": "of the provider",
  weatherApiKey: "of the tool in docs/tools.md",
  weatherUrl: "of the tool in docs/tools.md",
  weatherUnits: "of the tool in docs/deploy.md",
  billingWorker: "of the tool in docs/deploy.md",
};

/** Names in docs/deploy.md that read like a setting and are none. */
const otherNames: Readonly<Record<string, string>> = {
  signInCallbackUrl: "an output",
  durableObjectBindings: "a name in the code",
};

/** What a document sets and is not there to be set; a secret has to be set as one. */
function findUnknownKeys(documents: readonly Document[]): string[] {
  return listSetKeys(documents).flatMap(({ verb, key, isSecret, at }) => {
    if (Object.hasOwn(otherKeys, key) || key.startsWith("<")) return [];
    if (!settings.includes(key)) return `${at} sets ${key}, which is not a setting`;
    if (verb === "rm" || secrets.includes(key) === isSecret) return [];
    return `${at} sets ${key} ${isSecret ? "with" : "without"} --secret`;
  });
}

function listSetKeys(documents: readonly Document[]) {
  return documents.flatMap(listAllCommands).flatMap(({ value, at }) =>
    [...value.matchAll(/pulumi config (set|rm) (?:-s \S+ )?((?:--\S+ )*)'?([\w:<>]+)/g)].map(
      ([, verb, options = "", key = ""]) => ({
        ...{ verb, key, at },
        isSecret: options.includes("--secret"),
      }),
    ),
  );
}

/** Inline code of docs/deploy.md that reads like a setting. */
function listNames(document: Document) {
  return listInlineCode(document).filter(({ value }) => /^[a-z]+(?:[A-Z][a-z]*)+$/.test(value));
}

test("Pulumi.yaml, the schema and docs/settings.md have the same settings, and docs/deploy.md no other", async () => {
  const { config } = parse(await readProject("Pulumi.yaml")) as { readonly config: object };
  const declared = Object.keys(config).filter((key) => !key.includes(":"));
  expect(declared.sort()).toEqual([...settings].sort());
  const table = parseDocument("docs/settings.md", await readProject("docs/settings.md"));
  const listed = listInlineCode(table).map(({ value }) => value);
  for (const setting of settings) expect(listed).toContain(setting);
  const page = parseDocument("docs/deploy.md", await readProject("docs/deploy.md"));
  const names = listNames(page);
  for (const { value, at } of names) {
    expect([...settings, ...Object.keys(otherNames)], at).toContain(value);
  }
  tellCount("settings in docs/settings.md", settings.length);
  tellCount("names of settings in docs/deploy.md", names.length);
});

test("whatever a document sets is a setting, and secrets are set as secrets", async () => {
  const documents = await readDocuments();
  expect(findUnknownKeys(documents)).toEqual([]);
  const count = listSetKeys(documents).length;
  tellCount("settings that are set", count);
  expect(count).toBeGreaterThan(40);
});

test("every exception is needed", async () => {
  const documents = await readDocuments();
  const keys = listSetKeys(documents).map(({ key }) => key);
  for (const key of Object.keys(otherKeys)) expect(keys).toContain(key);
  const page = documents.filter(({ path }) => path === "docs/deploy.md");
  const names = page.flatMap(listNames).map(({ value }) => value);
  for (const name of Object.keys(otherNames)) expect(names).toContain(name);
});

test("a setting that is gone, or a secret set in clear, is found", () => {
  const text =
    "`pulumi config set -s dev goneSetting 1` `npx pulumi config set -s dev demoPassword x` `pulumi config set --secret serverTitle`\n\n```sh\nnpx pulumi config set -s dev --path 'allowedNames[0]' x\n```\n";
  expect(findUnknownKeys([parseDocument("docs/a.md", text)])).toEqual([
    "docs/a.md:3 sets allowedNames, which is not a setting",
    "docs/a.md:1 sets goneSetting, which is not a setting",
    "docs/a.md:1 sets demoPassword without --secret",
    "docs/a.md:1 sets serverTitle with --secret",
  ]);
});
