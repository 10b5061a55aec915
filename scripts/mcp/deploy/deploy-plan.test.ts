import { expect, test } from "vitest";
import type { DeclaredProgram } from "../../../infra/declared-program.ts";
import { requiredFlags } from "../../../infra/required-flags.ts";
import { readRealEvents } from "../../../tests/traffic/real-state.ts";
import { compareSettings, type StackValues } from "../stack/stack-values.ts";
import { describeChanges } from "./describe-changes.ts";
import {
  describeCosts,
  describeLosses,
  describeObjects,
  describeSignOuts,
} from "./describe-losses.ts";
import { findObstacles } from "./obstacles.ts";
import { type PlanFacts, PreviewRecord, type ServingFacts } from "./planned-steps.ts";

const origin = "https://mcp.example.workers.dev";
const worker = "cloudflare:index/workersScript:WorkersScript";

/** What the engine shows in place of a property that has a secret in it. */
const hidden = {
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  ciphertext: "[secret]",
};

/** The Worker's inputs, as the engine's events show them. */
function toInputs(more: Readonly<Record<string, unknown>> = {}) {
  return {
    contentSha256: "a".repeat(64),
    annotations: { workersTag: "1.0.0 abc" },
    compatibilityDate: "2026-07-30",
    compatibilityFlags: ["nodejs_als"],
    bindings: hidden,
    ...more,
  };
}

/** Bindings as the program declares them, and as the account has them. */
const toBindings = (settings: object = {}) => [
  { name: "SETTINGS", type: "json", json: JSON.stringify({ origin, ...settings }) },
  { name: "SUBJECT_KEY", type: "secret_text" },
];

/** What the program says that it declares. */
const declared: DeclaredProgram = {
  scriptName: "example-prod",
  origin,
  sha256: "a".repeat(64),
  source: "1.0.0 abc",
  compatibilityDate: "2026-07-30",
  compatibilityFlags: ["nodejs_als"],
  bindings: toBindings(),
  migrations: undefined,
};

/** A step, as the engine's event of it. */
function step(op: string, type: string, name: string, before: object | null, after: object | null) {
  return {
    sequence: 1,
    timestamp: 1,
    resourcePreEvent: {
      metadata: {
        op,
        type,
        urn: `urn:pulumi:prod::example::${type}::${name}`,
        provider: "",
        ...(before && { old: { inputs: before } }),
        ...(after && { new: { inputs: after } }),
      },
    },
  };
}

const values = (settings: Readonly<Record<string, string>>, secret = false): StackValues =>
  Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, { value, secret }]));

function toFacts(
  events: readonly object[],
  { before = {}, now = {} }: { before?: StackValues; now?: StackValues } = {},
  serving: Partial<ServingFacts> = {},
  program: Partial<DeclaredProgram> = {},
): PlanFacts {
  const record = new PreviewRecord();
  for (const event of events) record.take(event as Parameters<PreviewRecord["take"]>[0]);
  return {
    stack: "prod",
    scriptName: "example-prod",
    steps: record.steps,
    declared: { ...declared, ...program },
    isFirst: false,
    before,
    now,
    settings: compareSettings(before, now),
    serving: {
      source: "1.0.0 abc",
      bindings: toBindings(),
      moduleCount: 1,
      sha256: "a".repeat(64),
      origin,
      ...serving,
    },
  };
}

test("new code, settings and secrets are told by name, and a secret's value never", () => {
  const facts = toFacts(
    [
      step(
        "update",
        worker,
        "worker",
        toInputs(),
        toInputs({ contentSha256: "b".repeat(64), annotations: { workersTag: "1.1.0 def" } }),
      ),
      step(
        "update",
        "cloudflare:index/workersCronTrigger:WorkersCronTrigger",
        "purge",
        { scriptName: "example-prod", schedules: [{ cron: "17 * * * *" }] },
        { scriptName: "example-prod", schedules: [{ cron: "5 * * * *" }] },
      ),
    ],
    {
      before: {
        ...values({ serverTitle: "Example" }),
        ...values({ probeSecret: "old canary" }, true),
      },
      now: {
        ...values({ serverTitle: "Tools", accessTokenLifetime: "7200", signInsPerMinute: "60" }),
        ...values({ probeSecret: "new canary", weatherApiKey: "canary" }, true),
      },
    },
    {},
    {
      sha256: "b".repeat(64),
      source: "1.1.0 def",
      bindings: [...toBindings(), { name: "PROBE_SECRET", type: "secret_text" }],
    },
  );
  const told = describeChanges(facts);
  expect(told).toEqual([
    `the Worker's code: version 1.0.0 abc (SHA-256 ${"a".repeat(12)}…) → version 1.1.0 def (SHA-256 ${"b".repeat(12)}…)`,
    "binding PROBE_SECRET (secret_text): is made",
    "setting accessTokenLifetime: 3600 → 7200",
    "secret probeSecret: changed",
    'setting serverTitle: "Example" → "Tools"',
    "secret weatherApiKey: set",
    "cron trigger example-prod changes (17 * * * * → 5 * * * *)",
  ]);
  expect(told.join()).not.toContain("canary");
  expect([describeLosses(facts), describeSignOuts(facts), findObstacles(facts)]).toEqual([
    [],
    [],
    [],
  ]);
  expect(describeCosts(facts)).toEqual(["one upload, and no KV write"]);
});

test("an upload for nothing but what somebody did by hand, and a setting that the checkout makes otherwise, are told too", () => {
  expect(
    describeChanges(toFacts([step("update", worker, "worker", toInputs(), toInputs())])),
  ).toEqual([
    "Worker example-prod is uploaded once more: what serves is not what this stack uploaded last",
  ]);
  expect(
    describeChanges(
      toFacts(
        [step("update", worker, "worker", toInputs(), toInputs())],
        {},
        { bindings: toBindings({ server: { version: "1" } }) },
        { bindings: toBindings({ server: { version: "2" } }) },
      ),
    ),
  ).toEqual(["what this checkout makes of the settings: server.version changes"]);
});

test("a binding of the same kind that leads elsewhere is told, and so is the compatibility date", () => {
  const limit = (count: number) => ({
    name: "TOKEN_LIMIT",
    type: "ratelimit",
    simple: { limit: count, period: 60 },
  });
  const facts = toFacts(
    [
      step(
        "update",
        worker,
        "worker",
        toInputs({ compatibilityDate: "2026-01-01" }),
        toInputs({ compatibilityDate: "2026-07-30" }),
      ),
    ],
    {},
    {
      bindings: [
        ...toBindings(),
        { ...limit(60), namespace_id: "7" },
        { name: "NOTES_DB", type: "d1", database_id: "db1", id: "db1" },
        { name: "FILES", type: "r2_bucket", bucket_name: "files" },
        { name: "KEPT", type: "kv_namespace", namespace_id: "kv1" },
      ],
    },
    {
      bindings: [
        ...toBindings(),
        { ...limit(90), namespaceId: "7" },
        { name: "NOTES_DB", type: "d1", id: "db2" },
        { name: "FILES", type: "r2_bucket", bucketName: "files" },
        // What only an `up` will know is told by the resource's own step.
        { name: "KEPT", type: "kv_namespace" },
      ],
    },
  );
  expect(describeChanges(facts)).toEqual([
    'binding NOTES_DB (d1), id: "db1" → "db2"',
    "binding TOKEN_LIMIT (ratelimit), simple.limit: 60 → 90",
    "compatibility date: 2026-01-01 → 2026-07-30",
  ]);
});

test("what is kept from the previous version is not a change, and neither is what is in state only", () => {
  const change = step("update", worker, "worker", toInputs(), toInputs());
  const old = { name: "OLD_KEY", type: "secret_text" };
  const facts = toFacts(
    [change],
    {},
    { bindings: [...toBindings(), old], sha256: "c".repeat(64) },
    { bindings: [...toBindings(), { name: "OLD_KEY", type: "inherit" }] },
  );
  // An import brings no hash of the code: what serves has one.
  expect(describeChanges(facts)).toEqual([
    expect.stringMatching(/SHA-256 c{12}… .* SHA-256 a{12}…|c{12}/),
  ]);
  expect(findObstacles(facts)).toEqual([]);
});

test.each<[string, Partial<PlanFacts>, RegExp, RegExp]>([
  ["what the program declares", { declared: undefined }, /perhaps everybody/, /cannot be seen/],
  [
    "the address of what serves",
    { serving: toFacts([], {}, { origin: undefined }).serving },
    /perhaps everybody/,
    /cannot be seen/,
  ],
  // Deleted by hand: the store with everybody's connections is still there.
  ["what served before", { serving: undefined }, /perhaps everybody/, /^$/],
  ["the settings of before", { before: undefined }, /perhaps some/, /knows no settings/],
])(
  "where %s cannot be seen, the plan says so, and never that nobody is signed out",
  (_, unseen, words, obstacle) => {
    const change = step("update", worker, "worker", toInputs(), toInputs());
    const facts = { ...toFacts([change]), ...unseen };
    expect(describeSignOuts(facts).join()).toMatch(words);
    expect(findObstacles(facts).join()).toMatch(obstacle);
    expect(describeSignOuts({ ...facts, serving: undefined, isFirst: true })).toEqual([]);
    if (facts.declared === undefined) {
      expect(describeLosses(facts).join()).toContain("cannot be seen");
      expect(describeChanges(facts).join()).toContain("cannot be seen");
    }
  },
);

test("a plan is made of the events of the real provider, whose noise is not a change", async () => {
  const events = await readRealEvents("events-of-a-code-change.jsonl");
  const settings = { server: { version: "1" } };
  const facts = toFacts(
    events,
    {},
    { bindings: toBindings(settings) },
    {
      sha256: "b".repeat(64),
      source: "1.1.0 def",
      bindings: toBindings(settings),
      compatibilityFlags: requiredFlags,
    },
  );
  expect(describeChanges(facts)).toEqual([expect.stringMatching(/^the Worker's code: /)]);
  expect(describeSignOuts(facts)).toEqual([]);
  expect(describeLosses(facts)).toEqual([]);
  expect(findObstacles(facts)).toEqual([]);
  // Of the same events, told as a move and a tool's binding that goes.
  const moved = toFacts(
    events,
    {},
    { bindings: [...toBindings(), { name: "NOTES_DB", type: "d1" }] },
    { origin: "https://mcp.example.com" },
  );
  expect(describeSignOuts(moved).join()).toContain("to https://mcp.example.com");
  expect(findObstacles(moved).join()).toMatch(/moves the server .* NOTES_DB/);
});

test("what is deleted is told with what goes with it", () => {
  const facts = toFacts([
    step("replace", worker, "worker", { scriptName: "example-prod" }, { scriptName: "example" }),
    step(
      "delete",
      "cloudflare:index/d1Database:D1Database",
      "d1-notes",
      { name: "example-prod-notes-db" },
      null,
    ),
    step(
      "delete",
      "cloudflare:index/workersKvNamespace:WorkersKvNamespace",
      "oauth",
      { title: "example-prod-oauth" },
      null,
    ),
    step(
      "delete",
      "cloudflare:index/workersRoute:WorkersRoute",
      "route-0",
      { pattern: "mcp.example.com/*" },
      null,
    ),
    // The program's own book-keeping.
    step("delete", "pulumi:index:Stash", "session-key-1", {}, null),
  ]);
  expect(describeLosses(facts)).toEqual([
    "Worker example: all Durable Object data of it: what tools keep for people, and open sessions",
    "D1 database example-prod-notes-db: every row in it",
    "KV namespace example-prod-oauth: every client's registration and every person's connections",
    "route mcp.example.com/*: the server is no longer served there",
  ]);
  expect(describeSignOuts(facts)).toContain("everybody: the store of their connections goes");
});

test("a step in the life of Durable Object classes is told, and cannot be taken back", () => {
  const input = {
    newTag: "v6",
    steps: [
      { renamedClasses: [{ from: "McpSession", to: "Session" }] },
      { deletedClasses: ["Notes"] },
      { newSqliteClasses: ["Board"] },
    ],
  };
  const facts = toFacts(
    [
      step("create-replacement", "pulumi:index:Stash", "migrations", { input: null }, { input }),
      step("replace", "pulumi:index:Stash", "migrations", { input: null }, { input }),
      step("update", worker, "worker", toInputs(), toInputs()),
    ],
    {},
    {},
    { migrations: input },
  );
  expect(describeObjects(facts)).toEqual([
    "McpSession is called Session from then on and keeps its data",
    "Notes is deleted with all its data",
    "made, empty: Board",
    "the Worker is at the tag v6 then",
  ]);
  expect(describeLosses(facts)).toEqual([
    "Durable Object class Notes, with all data of all its objects, for good",
  ]);
  expect(findObstacles(facts).join()).toContain("which Cloudflare does not take back");
  // What an earlier upload sent stays in the state, and is not a step of this one.
  expect(
    findObstacles(
      toFacts([step("same", "pulumi:index:Stash", "migrations", { input }, { input })]),
    ),
  ).toEqual([]);
});

/** The setting of one machine client. */
const toMachines = (more: object) =>
  JSON.stringify([{ name: "ci", scopes: ["demo:use"], secrets: [1], ...more }]);

test.each<[string, Parameters<typeof toFacts>[1], string | undefined]>([
  [
    "another address",
    { now: values({ customDomain: "mcp.example.com" }) },
    `everybody: the address changes from ${origin} to https://mcp.example.com`,
  ],
  [
    "another way to sign in",
    { before: values({ identityMethod: "demo" }), now: values({ identityMethod: "github" }) },
    "comes back as a stranger",
  ],
  ["a first rotation of the keys", { now: values({ keyGeneration: "2" }) }, undefined],
  [
    "a second one",
    { before: values({ keyGeneration: "2" }), now: values({ keyGeneration: "3" }) },
    "browsers that signed in before generation 2",
  ],
  [
    "an allow-list",
    { now: values({ allowedDomains: '["example.com"]' }) },
    "whoever allowedDomains",
  ],
  [
    "a client less",
    {
      before: values({
        preRegisteredClients:
          '[{"clientId":"acme","name":"Acme","redirectUris":["https://a.example/"]}]',
      }),
    },
    "the client acme",
  ],
  [
    "a machine client less",
    { before: values({ machineClients: toMachines({ name: "nightly" }) }) },
    "the machine client nightly",
  ],
  [
    "a secret of a machine client less",
    {
      before: values({ machineClients: toMachines({ secrets: [1, 2] }) }),
      now: values({ machineClients: toMachines({ secrets: [2] }) }),
    },
    "whoever uses secret 1 of the machine client ci",
  ],
  [
    "a secret of a machine client more",
    {
      before: values({ machineClients: toMachines({ secrets: [1] }) }),
      now: values({ machineClients: toMachines({ secrets: [1, 2] }) }),
    },
    undefined,
  ],
])("%s: who is signed out", (_, settings, words) => {
  const domain = settings?.now?.customDomain?.value;
  const next = domain === undefined ? {} : { origin: `https://${domain}` };
  const facts = toFacts(
    [step("update", worker, "worker", toInputs(), toInputs())],
    settings,
    {},
    next,
  );
  const told = describeSignOuts(facts).join();
  if (words === undefined) expect(told).toBe("");
  else expect(told).toContain(words);
});

test("what serves cannot be put back where it has what this checkout does not make, or its settings are lost", () => {
  const change = step("update", worker, "worker", toInputs(), toInputs());
  const tool = {
    bindings: [
      { name: "NOTES_DB", type: "d1" },
      { name: "DEMO_PASSWORD", type: "secret_text" },
    ],
  };
  expect(findObstacles(toFacts([change], {}, tool))).toEqual([
    "it takes away what the previous code needs: NOTES_DB",
  ]);
  expect(findObstacles(toFacts([change], {}, { moduleCount: 3 })).join()).toContain("3 modules");
  expect(findObstacles({ ...toFacts([change]), before: undefined }).join()).toContain(
    "knows no settings",
  );
  expect(findObstacles({ ...toFacts([change]), serving: undefined })).toEqual([]);
  const rotated = { now: values({ keyGeneration: "2" }) };
  expect(findObstacles(toFacts([change], rotated)).join()).toContain("keyGeneration 1 → 2");
});
