import { expect } from "vitest";
import { workerSettings } from "../../worker/env.ts";
import { test as base } from "../support/cloud-test.ts";
import { makeFixtureCheckout } from "../support/fixture-checkout.ts";
import type { TestCloud } from "../support/local-cloud.ts";
import { storyTime } from "../support/patience.ts";
import { filledIn, listCommands, makeRecipeStack, typedSecret } from "../support/recipes.ts";
import { sample } from "../support/sample.ts";

/** `test` with a cloud and a checkout, which the recipes use one after the other. */
const test = base.extend(
  "checkout",
  { scope: "file" },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what is needed.
  async ({}, { onCleanup }) => {
    const checkout = await makeFixtureCheckout();
    onCleanup(() => checkout[Symbol.asyncDispose]());
    return checkout;
  },
);

/** What the Worker that was deployed last is given. */
function readBindings({ local }: TestCloud) {
  const { bindings = [] } = local.cloud.records.versions.list().at(-1) ?? {};
  const settings = bindings.find(({ name }) => name === "SETTINGS");
  const { identity, allowed, scopesByGroup, enterprise, clients } = workerSettings.parse(
    settings?.json,
  );
  const secrets = Object.fromEntries(
    bindings.flatMap(({ name, type, text }) => (type === "secret_text" ? [[name, text]] : [])),
  );
  return { identity, allowed, scopesByGroup, enterprise, clients, secrets };
}

interface Recipe {
  /** Sections of docs/identity.md, whose commands are run in this order. */
  readonly sections: readonly string[];
  /** Default: prod. */
  readonly stack?: string;
  /** What the person has set before, as `docs/deploy.md` says. */
  readonly before?: readonly string[];
  /** What the deployed Worker is then told. */
  readonly expected: {
    readonly identity: object;
    readonly allowed?: object;
    readonly scopesByGroup?: object;
    readonly enterprise?: object;
    readonly clients?: object;
    readonly secrets?: object;
  };
  /** Path of the stack's output `signInCallbackUrl`; without it there is no such output. */
  readonly callback?: string;
}

const callback = "/authorize/callback";
const ownDomain = [
  "npx pulumi config set -s prod customDomain orders.example.com",
  "npx pulumi config set -s prod zone example.com",
];
const atGitHub = { method: "github", githubClientId: "Iv1.0123456789abcdef" };
const atGoogle = {
  method: "oidc",
  oidcIssuer: "https://accounts.google.com",
  oidcClientId: "1234.apps.googleusercontent.com",
};
const behindAccess = { method: "access", accessTeamDomain: "acme.cloudflareaccess.com" };

const recipes: readonly Recipe[] = [
  {
    sections: ["Demo"],
    stack: "dev",
    before: ["npx pulumi config set -s dev environment development"],
    expected: {
      identity: { method: "demo" },
      secrets: { DEMO_PASSWORD: expect.stringMatching(/^[\w+/]{24}$/) },
    },
  },
  {
    sections: ["GitHub"],
    expected: {
      identity: atGitHub,
      allowed: { emails: [], domains: [], organizations: ["acme", "example/platform"] },
      secrets: { GITHUB_CLIENT_SECRET: typedSecret },
    },
    callback,
  },
  {
    sections: ["OpenID Connect", "Google"],
    expected: {
      identity: atGoogle,
      allowed: { emails: [], domains: ["example.com"], organizations: [] },
      secrets: { OIDC_CLIENT_SECRET: typedSecret },
    },
    callback,
  },
  {
    sections: ["OpenID Connect", "Microsoft Entra"],
    expected: {
      identity: {
        method: "oidc",
        oidcIssuer: `https://login.microsoftonline.com/${filledIn["<tenant id>"]}/v2.0`,
        oidcClientId: filledIn["<application id>"],
      },
      secrets: { OIDC_CLIENT_SECRET: typedSecret },
    },
    callback,
  },
  {
    sections: ["Cloudflare Access in front"],
    expected: {
      identity: behindAccess,
      secrets: { ACCESS_AUDIENCE: filledIn["<tag>"] },
    },
  },
  {
    sections: ["GitHub", "Who may sign in"],
    expected: {
      identity: atGitHub,
      allowed: {
        emails: ["ada@example.com"],
        domains: ["example.com"],
        organizations: ["acme/platform", "example/platform"],
      },
    },
    callback,
  },
  {
    sections: ["OpenID Connect", "Who may do what, by group"],
    expected: {
      identity: atGoogle,
      // A scope that includes another brings it along.
      scopesByGroup: { "*": ["demo:use"], "acme/platform": ["demo:write", "demo:read"] },
    },
    callback,
  },
  {
    sections: ["OpenID Connect", "Enterprise-managed authorization"],
    expected: {
      identity: atGoogle,
      enterprise: [{ issuer: "https://acme.okta.com", clientIds: ["chat"], scopes: ["demo:use"] }],
      clients: { preRegistered: [{ clientId: "chat", secretSha256: expect.any(String) }] },
    },
    callback,
  },
  {
    sections: ["OpenID Connect", "Probe: a sign-in without a person"],
    before: ownDomain,
    expected: {
      identity: atGoogle,
      secrets: { PROBE_SECRET: expect.stringMatching(/^[\w+/]{43}=$/) },
    },
    callback,
  },
];

/** Followed one after the other by somebody who wants all of it. */
function combine(several: readonly Recipe[]): Recipe {
  const expected = several.map((recipe) => recipe.expected);
  const secrets: object = Object.assign({}, ...expected.map((each) => each.secrets));
  return {
    ...several[0],
    sections: [...new Set(several.flatMap(({ sections }) => sections))],
    before: several.flatMap(({ before = [] }) => before),
    expected: { identity: {}, ...Object.assign({}, ...expected), secrets },
  };
}

/** Those that only add something to others: `npm test` deploys all of them together. */
const isAtGoogle = ({ expected }: Recipe) => expected.identity === atGoogle;
const tried = sample(
  [...recipes.filter((recipe) => !isAtGoogle(recipe)), combine(recipes.filter(isAtGoogle))],
  recipes,
);

const named = tried.map((recipe) => ({ ...recipe, title: recipe.sections.join(", ") }));

test.for(named)(
  "the recipe of $title deploys what it says",
  { timeout: storyTime },
  async (recipe, { cloud, checkout, skip }) => {
    const { sections, stack = "prod", before = [], expected } = recipe;
    await using world = await makeRecipeStack(skip, cloud, checkout, stack);
    const up = () => world.run(`npx pulumi up --yes --skip-preview -s ${stack}`);
    const commands = sections.flatMap((section) => listCommands(section));
    const [steps, undoing] = [commands.filter(sets), commands.filter((line) => !sets(line))];
    for (const line of [...before, ...steps]) await world.run(line);
    await up();
    const bindings = readBindings(cloud);
    expect(bindings).toMatchObject(expected);
    const outputs = JSON.parse(await world.run(`npx pulumi stack output --json -s ${stack}`)) as {
      readonly url: string;
      readonly signInCallbackUrl?: string;
    };
    const callbackUrl = recipe.callback && new URL(recipe.callback, outputs.url).href;
    expect(outputs.signInCallbackUrl).toBe(callbackUrl);
    if (undoing.length === 0) return;

    // What the section says last: how to take it away again.
    for (const line of undoing) await world.run(line);
    await up();
    const { PROBE_SECRET, ...others } = bindings.secrets;
    expect(PROBE_SECRET).toBeTruthy();
    expect(readBindings(cloud).secrets).toEqual(others);
  },
);

test("no command of the document is left out of the recipes that are tried", () => {
  const known = new Set(
    recipes.flatMap(({ sections }) => sections.flatMap((section) => listCommands(section))),
  );
  expect(listCommands().filter((line) => !known.has(line))).toEqual([]);
  expect(known.size).toBeGreaterThan(15);
});

function sets(line: string): boolean {
  return line.startsWith("npx pulumi config set ");
}
