import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { features } from "../tests/fixture/features.ts";
import { makeTempFolder } from "../tests/support/temp-folder.ts";
import { workerSettings } from "../tests/support/worker-settings.ts";
import { bundleWorker } from "./bundle.ts";
import { readSettings } from "./read-settings.ts";
import { collectNeeds } from "./tool-needs.ts";
import { allWaysIn, guessWaysIn, listWaysIn, type WayIn } from "./ways-in.ts";

const machines = [{ name: "ci", scopes: ["demo:use"], secrets: [1] }];
const issuers = [
  {
    issuer: "https://acme.okta.com",
    jwksUrl: "https://acme.okta.com/keys",
    clientIds: ["https://chat.example/client"],
    scopes: ["demo:use"],
  },
];

test.for<[Record<string, string>, readonly WayIn[]]>([
  [{}, ["demo"]],
  [{ identityMethod: "", personalTokens: "", machineClients: "" }, ["demo"]],
  [{ personalTokens: "false", machineClients: "[]", enterpriseIssuers: "[]" }, ["demo"]],
  [{ identityMethod: "oidc", oidcIssuer: "https://a.example", oidcClientId: "x" }, ["oidc"]],
  [{ personalTokens: "90" }, ["demo", "personal-tokens"]],
  [{ machineClients: JSON.stringify(machines) }, ["demo", "machines"]],
  [{ enterpriseIssuers: JSON.stringify(issuers) }, ["demo", "companies"]],
  [
    {
      enterpriseIssuers: JSON.stringify(issuers),
      machineClients: JSON.stringify(machines),
      personalTokens: "1",
    },
    ["demo", "personal-tokens", "machines", "companies"],
  ],
])("the settings %o name the ways in %o, and whoever bundles ahead guesses them", ([own, ways]) => {
  const values = Object.fromEntries(
    Object.entries(own).map(([name, value]) => [`acme:${name}`, value]),
  );
  const secrets = own.identityMethod === "oidc" ? { "acme:oidcClientSecret": "s".repeat(40) } : {};
  const { settings } = readSettings(
    {
      project: "acme",
      values: { ...values, ...secrets },
      isSecret: (key) => key in secrets,
    },
    collectNeeds(features.tools, { settings: [], bindings: [] }, features.scopes),
  );
  expect(listWaysIn(settings)).toEqual(ways);
  expect(guessWaysIn("acme", values)).toEqual(ways);
});

/** What a Worker with these ways in makes of settings, in words. */
async function refuse(ways: readonly WayIn[], settings: object): Promise<string> {
  await using folder = await makeTempFolder();
  const file = join(folder.path, "env.mjs");
  await bundleWorker({ entryPoint: "worker/env.ts", ways, file });
  const { readSettings: read } = (await import(pathToFileURL(file).href)) as {
    readonly readSettings: (env: object) => object;
  };
  try {
    return `taken: ${Object.keys(read({ SETTINGS: settings })).length > 0}`;
  } catch (error) {
    return String(error);
  }
}

test("a Worker whose settings name a way in that its bundle lacks says which, and what to do", async () => {
  const { tokens } = workerSettings;
  const named: readonly [WayIn, object, string][] = [
    ["demo", {}, "this way to sign in"],
    ["github", { identity: { method: "github", githubClientId: "x" } }, "this way to sign in"],
    [
      "personal-tokens",
      { tokens: { ...tokens, personal: { mostDays: 1, signInDays: 1 } } },
      "personal tokens",
    ],
    [
      "machines",
      { machines: [{ name: "ci", scopes: ["demo:use"], resource: "mcp" }] },
      "machine clients",
    ],
    [
      "companies",
      {
        enterprise: [
          {
            issuer: "https://acme.okta.com",
            keysUrl: "https://acme.okta.com/keys",
            clientIds: ["chat"],
            scopes: ["demo:use"],
            domains: [],
            allowNoScope: false,
            allowPublicClients: false,
          },
        ],
      },
      "companies that decide for their people",
    ],
  ];
  for (const [way, more, words] of named) {
    const settings = { ...workerSettings, ...more };
    const others = allWaysIn.filter((other) => other !== way);
    const refused = await refuse(others, settings);
    expect(refused, way).toContain("The SETTINGS binding does not fit this Worker");
    expect(refused, way).toContain(`This Worker was bundled without ${words}. Deploy it again`);
    expect(await refuse(["demo", way], settings), way).toBe("taken: true");
  }
});
