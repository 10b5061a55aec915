import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { expect, test } from "vitest";
import type { DeployedBinding } from "../../../infra/deployed-worker.ts";
import { readStackName, startMessage } from "../../../infra/version.ts";
import { type DeclaredStack, readDeclared } from "../stack/declared.ts";
import type { StateResource } from "../stack/state.ts";
import { compareBindings } from "./compare-bindings.ts";
import { readDecided } from "./difference.ts";
import { formatDriftReport } from "./drift-report.ts";
import type { Live } from "./live.ts";
import { compareStack, listNotChecked } from "./look-for-drift.ts";
import { collectOwned, describeOrphan, findOrphans } from "./look-for-orphans.ts";
import { planRepair } from "./repair.ts";
import { formatRepairMark, ProgramDigest, parseRepairMark } from "./repair-mark.ts";

const secret = {
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  ciphertext: "v1:x",
};
const cloudflare = (type: string) =>
  `cloudflare:index/${type[0]?.toLowerCase()}${type.slice(1)}:${type}`;
const resource = (type: string, id: string, inputs: Record<string, unknown>): StateResource => ({
  urn: `urn:pulumi:prod::example::${type}::${id}`,
  type: cloudflare(type),
  id,
  inputs,
});

/** The state of a stack with one of everything. */
const state: readonly StateResource[] = [
  // Its program's own note, which comes first.
  {
    urn: "urn:pulumi:prod::example::pulumi:index:Stash::identity",
    type: "pulumi:index:Stash",
    inputs: { input: { scriptName: "example-prod" } },
  },
  {
    ...resource("WorkersScript", "example-prod", {
      scriptName: "example-prod",
      contentSha256: "a".repeat(64),
      compatibilityDate: "2026-07-30",
      compatibilityFlags: ["nodejs_als", "enable_request_signal"],
      observability: {
        enabled: true,
        headSamplingRate: 0.5,
        logs: { enabled: true, headSamplingRate: 0.5, invocationLogs: false },
      },
      bindings: [
        { name: "OAUTH_KV", type: "kv_namespace", namespaceId: "kv1" },
        { name: "SETTINGS", type: "json", json: '{"server":{"title":"Example"},"list":[1]}' },
        { name: "KEY", type: "secret_text", text: secret },
        // As the provider writes a member that is not there.
        {
          name: "PEOPLE",
          type: "durable_object_namespace",
          className: "PersonState",
          scriptName: null,
        },
        { name: "LIMIT", type: "ratelimit", namespaceId: "7", simple: { limit: 60, period: 60 } },
        { name: "NOTES_DB", type: "d1", id: "db1" },
      ],
    }),
    outputs: { migrationTag: "v4" },
  },
  resource("WorkersKvNamespace", "kv1", { title: "example-prod-oauth" }),
  resource("WorkersScriptSubdomain", "account", { enabled: true, previewsEnabled: false }),
  resource("WorkersCronTrigger", "example-prod", { schedules: [{ cron: "17 * * * *" }] }),
  resource("WorkersCustomDomain", "d1", {
    hostname: "mcp.example.com",
    service: "example-prod",
    zoneId: "z1",
  }),
  resource("WorkersRoute", "r1", {
    zoneId: "z1",
    pattern: "a.example.com/*",
    script: "example-prod",
  }),
  resource("D1Database", "db1", { name: "example-prod-notes-db" }),
  resource("R2Bucket", "example-prod-files", { name: "example-prod-files" }),
  resource("ZeroTrustAccessApplication", "app1", {
    name: "example-prod",
    destinations: [{ type: "public", uri: "mcp.example.com/authorize" }],
    policies: [{ id: "p1", precedence: 1 }],
  }),
  resource("ZeroTrustAccessPolicy", "p1", {
    name: "example-prod people",
    decision: "allow",
    includes: [{ emailDomain: { domain: "example.com" } }],
  }),
];

const bindings: readonly DeployedBinding[] = [
  { name: "KEY", type: "secret_text" },
  // The API adds members of its own.
  {
    name: "LIMIT",
    type: "ratelimit",
    namespace_id: "7",
    simple: { limit: 60, period: 60, mitigation_timeout: 0 },
  },
  { name: "NOTES_DB", type: "d1", database_id: "db1" },
  { name: "OAUTH_KV", type: "kv_namespace", namespace_id: "kv1" },
  {
    name: "PEOPLE",
    type: "durable_object_namespace",
    class_name: "PersonState",
    namespace_id: "do1",
  },
  { name: "SETTINGS", type: "json", json: { server: { title: "Example" }, list: [1] } },
];

type LiveWorker = NonNullable<Live["worker"]>;

/** The account as that stack says. */
const worker: LiveWorker = {
  settings: {
    bindings: [...bindings],
    compatibility_date: "2026-07-30",
    compatibility_flags: ["enable_request_signal", "nodejs_als"],
    observability: {
      enabled: true,
      head_sampling_rate: 0.5,
      logs: { invocation_logs: false },
    },
    tail_consumers: null,
    logpush: false,
  },
  sha256: "a".repeat(64),
  migrationTag: "v4",
  classes: ["PersonState"],
  subdomain: { enabled: true, previewsEnabled: false },
  crons: ["17 * * * *"],
  outsideVersion: undefined,
};
const live: Live = {
  worker,
  workers: ["example-prod", "parrot"],
  domains: [{ hostname: "mcp.example.com", service: "example-prod" }],
  routes: new Map([
    ["z1", { found: [{ id: "r1", pattern: "a.example.com/*", script: "example-prod" }] }],
  ]),
  otherZones: { found: [] },
  namespaces: { found: [{ id: "kv1", title: "example-prod-oauth" }] },
  databases: { found: [{ id: "db1", name: "example-prod-notes-db" }] },
  buckets: { found: ["example-prod-files"] },
  access: {
    found: {
      applications: new Map([
        [
          "app1",
          { destinations: [{ uri: "mcp.example.com/authorize" }], policies: [{ id: "p1" }] },
        ],
      ]),
      policies: new Map([
        ["p1", { decision: "allow", include: [{ email_domain: { domain: "example.com" } }] }],
      ]),
    },
  },
};
const declared: DeclaredStack = readDeclared(state);

/** What is found where the account differs in this. */
function find(change: Partial<Live>): string[] {
  return compareStack(declared, { ...live, ...change }).map(
    ({ what, expected, found, mend }) => `${mend}: ${what}: ${expected} / ${found}`,
  );
}

/** The same for its Worker. */
function findInWorker(change: Partial<LiveWorker>, settings: Partial<LiveWorker["settings"]> = {}) {
  return find({ worker: { ...worker, ...change, settings: { ...worker.settings, ...settings } } });
}

test("an account that is as the stack says has no drift, whatever the API adds and in whatever order", () => {
  expect(find({})).toEqual([]);
  expect(listNotChecked(declared, live)).toEqual([]);
});

test("each part of a Worker that differs is one finding, in words", () => {
  expect(findInWorker({ sha256: "b".repeat(64) })).toEqual([
    "upload: code: SHA-256 aaaaaaaaaaaa… / SHA-256 bbbbbbbbbbbb…",
  ]);
  expect(findInWorker({ outsideVersion: "1-2" })).toEqual([
    "upload: version that serves: one of this stack's / 1-2, made by somebody else",
  ]);
  expect(findInWorker({ migrationTag: "v9", classes: ["Other"] })).toEqual([
    "person: Durable Object class PersonState: a class of the Worker / missing, with everything its objects held",
    "person: Durable Object class Other: none / a class of the Worker, added by somebody",
    "upload: Durable Object tag: v4 / v9",
  ]);
  expect(findInWorker({ subdomain: { enabled: false, previewsEnabled: true }, crons: [] })).toEqual(
    [
      "refresh: workers.dev address: on / off",
      "refresh: preview URLs: off / on",
      "call: cron triggers: 17 * * * * / none",
    ],
  );
  expect(
    findInWorker(
      {},
      {
        compatibility_date: "2026-01-01",
        compatibility_flags: ["nodejs_als"],
        observability: undefined,
        tail_consumers: [{ service: "listener" }],
        logpush: true,
      },
    ),
  ).toEqual([
    "upload: compatibility date: 2026-07-30 / 2026-01-01",
    "upload: compatibility flags: enable_request_signal, nodejs_als / nodejs_als",
    "upload: observability: true / false",
    "upload: sampling of observability: 0.5 / 1",
    "upload: invocation logs: false / true",
    "upload: tail consumers: none / listener",
    "upload: logpush: false / true",
  ]);
});

test("bindings that are missing, added, of another type or changed are found; no value of a secret is shown", () => {
  const changed = bindings.flatMap((binding): DeployedBinding[] => {
    switch (binding.name) {
      case "KEY":
        return [{ name: "KEY", type: "plain_text", text: "in clear" }];
      case "OAUTH_KV":
        return [{ ...binding, namespace_id: "kv2" }];
      case "SETTINGS":
        return [
          {
            ...binding,
            json: { server: { title: "x".repeat(99), apiToken: "in clear" }, list: [1, 2] },
          },
        ];
      case "NOTES_DB":
        return [{ ...binding, database_id: "db2" }];
      case "PEOPLE":
        return [];
      default:
        return [binding];
    }
  });
  const added: DeployedBinding = { name: "DEBUG", type: "plain_text", text: "in clear" };
  const found = compareBindings(declared.worker?.bindings ?? [], [...changed, added]);
  expect(found.map(({ what, expected, found }) => `${what}: ${expected} / ${found}`)).toEqual([
    'binding OAUTH_KV (kv_namespace), namespaceId: "kv1" / "kv2"',
    `binding SETTINGS (json), server.title: "Example" / "${"x".repeat(78)}…`,
    "binding SETTINGS (json), server.apiToken: nothing / another value (not shown)",
    "binding SETTINGS (json), list: [1] / [1,2]",
    "binding KEY: secret_text / plain_text",
    "binding PEOPLE: durable_object_namespace / missing",
    'binding NOTES_DB (d1), id: "db1" / "db2"',
    "binding DEBUG: none / plain_text, added by somebody",
  ]);
  expect(JSON.stringify(found)).not.toContain("in clear");
});

test("of lists in the settings the members that differ are told by name, however long the lists are", () => {
  const client = (name: string, scopes = ["demo:use"]) => ({ name, scopes, resource: "mcp" });
  const compare = (one: object, other: object) =>
    compareBindings(
      [{ name: "SETTINGS", type: "json", json: JSON.stringify(one) }],
      [{ name: "SETTINGS", type: "json", json: other }],
    ).map(({ what, expected, found }) => `${what.split(", ")[1]}: ${expected} / ${found}`);
  const many = Array.from({ length: 9 }, (_, index) => client(`client-${index}`));
  const three = [...many, client("nightly"), client("constructor")];
  expect(compare({ machines: three }, { machines: three })).toEqual([]);
  const changed = [...many, client("nightly", ["demo:use", "demo:write"]), client("added")];
  expect(compare({ machines: three }, { machines: changed })).toEqual([
    'machines.nightly.scopes: ["demo:use"] / ["demo:use","demo:write"]',
    'machines.constructor: {"name":"constructor","scopes":["demo:use"],"resource":"mcp"} / nothing',
    'machines.added: nothing / {"name":"added","scopes":["demo:use"],"resource":"mcp"}',
  ]);
  const added = 'machines.added: nothing / {"name":"added","scopes":["demo:use"],"resource":"mcp"}';
  expect(compare({}, { machines: [client("added")] })).toEqual([added]);
  expect(compare({ machines: [] }, { machines: [client("added")] })).toEqual([added]);
  // Two of one name, and another order, are told of the list as it is.
  const twice = [client("a"), client("a")];
  const [a, b] = [{ issuer: "a" }, { issuer: "b" }];
  expect(compare({ machines: twice }, { machines: [] })).toHaveLength(1);
  expect(compare({ enterprise: [a, b] }, { enterprise: [b, a] })).toEqual([
    'enterprise: [{"issuer":"a"},{"issuer":"b"}] / [{"issuer":"b"},{"issuer":"a"}]',
  ]);
});

test("what adopt decided is not drift: secrets that are kept, classes that stay as stubs, addresses left outside", () => {
  const setting = (value: string) => ({ value, secret: false });
  const decided = readDecided({
    adopted: setting(
      '{"tag":"v2","classes":["OldSession"],"outside":["domain old.example.com","route old.example.com/*"]}',
    ),
  });
  const outside = ["domain old.example.com", "route old.example.com/*"];
  expect(decided).toEqual({ stubs: ["OldSession"], outside });
  // A Worker without objects and secrets has addresses all the same.
  expect(readDecided({ adopted: setting(JSON.stringify({ outside })) })).toEqual({
    stubs: [],
    outside,
  });
  const adopted: DeclaredStack = {
    ...declared,
    worker: declared.worker && {
      ...declared.worker,
      bindings: [...(declared.worker.bindings ?? []), { name: "OLD_KEY", type: "inherit" }],
    },
  };
  const beside = { id: "r9", pattern: "old.example.com/*", script: "example-prod" };
  const own = { id: "r1", pattern: "a.example.com/*", script: "example-prod" };
  const seen: Live = {
    ...live,
    worker: {
      ...worker,
      classes: ["PersonState", "OldSession"],
      settings: {
        ...worker.settings,
        bindings: [...bindings, { name: "OLD_KEY", type: "secret_text" }],
      },
    },
    domains: [...live.domains, { hostname: "old.example.com", service: "example-prod" }],
    routes: new Map([["z1", { found: [own, beside] }]]),
  };
  expect(compareStack(adopted, seen, decided)).toEqual([]);
  // Of a stack that adopted nothing, all of it is somebody's doing.
  expect(compareStack(adopted, seen).map(({ what }) => what)).toEqual([
    "Durable Object class OldSession",
    "custom domain old.example.com",
    "route old.example.com/*",
  ]);
  // And what adopt took over is missed where it is gone.
  const gone = { ...seen, worker: { ...worker, settings: { ...worker.settings } } };
  expect(compareStack(adopted, gone, decided).map(({ what }) => what)).toEqual([
    "binding OLD_KEY",
    "Durable Object class OldSession",
  ]);
  expect(readDecided({ scriptName: setting("example-prod") })).toEqual({ stubs: [], outside: [] });
  // What somebody leads there later was not left outside.
  const later = [...seen.domains, { hostname: "new.example.com", service: "example-prod" }];
  expect(
    compareStack(adopted, { ...seen, domains: later }, decided).map(({ what }) => what),
  ).toEqual(["custom domain new.example.com"]);
});

test("before the first `up` of an adopted Worker, what only an `up` decides is not checked", () => {
  const adopted = readDeclared(state.filter(({ type }) => !/Stash|WorkersCronTrigger/.test(type)));
  const theirs = {
    ...worker,
    // An import brings no secrets.
    settings: { ...worker.settings, bindings: [...bindings, { name: "OLD", type: "secret_text" }] },
    sha256: "b".repeat(64),
    outsideVersion: "1-2",
    crons: ["5 4 * * *"],
  };
  expect(compareStack(adopted, { ...live, worker: theirs })).toEqual([]);
  expect(listNotChecked(adopted, live).map(({ reason }) => reason)).toEqual([
    "the stack has adopted the Worker, and no `up` has deployed it yet",
  ]);
  // What it took over is looked at all the same.
  const changed = { ...theirs, subdomain: { ...theirs.subdomain, enabled: false } };
  expect(compareStack(adopted, { ...live, worker: changed }).map(({ what }) => what)).toEqual([
    "workers.dev address",
  ]);
});

test("what the state hides is not checked, and nothing else is told of it", () => {
  const hidden = readDeclared(
    state.map((each) => ({
      ...each,
      inputs: Object.fromEntries(Object.keys(each.inputs ?? {}).map((name) => [name, secret])),
    })),
  );
  expect(compareStack(hidden, live)).toEqual([]);
  expect(listNotChecked(hidden, live).length).toBeGreaterThan(15);
  expect(compareStack(hidden, { ...live, worker: undefined })).toHaveLength(1);
});

test("addresses and stores that are missing, changed or added are found", () => {
  expect(find({ worker: undefined })).toEqual([
    "refresh: Worker example-prod: deployed / missing, with everything its Durable Objects held",
  ]);
  expect(find({ domains: [{ hostname: "mcp.example.com", service: "parrot" }] })).toEqual([
    "person: custom domain mcp.example.com: of the Worker example-prod / of the Worker parrot",
  ]);
  expect(find({ domains: [{ hostname: "b.example.com", service: "example-prod" }] })).toEqual([
    "refresh: custom domain mcp.example.com: of the Worker example-prod / missing",
    "person: custom domain b.example.com: none / leads to this Worker, added by somebody",
  ]);
  const routes = (...found: { id: string; pattern: string; script: string | undefined }[]) =>
    find({ routes: new Map([["z1", { found }]]) });
  expect(routes()).toEqual([
    "refresh: route a.example.com/*: to the Worker example-prod / missing",
  ]);
  expect(routes({ id: "r1", pattern: "a.example.com/*", script: undefined })).toEqual([
    "refresh: route a.example.com/*: to the Worker example-prod / to no Worker",
  ]);
  expect(routes({ id: "r2", pattern: "a.example.com/*", script: "parrot" })).toEqual([
    "person: route a.example.com/*: to the Worker example-prod / another route of this pattern, to the Worker parrot",
  ]);
  expect(
    routes(
      { id: "r1", pattern: "a.example.com/*", script: "example-prod" },
      { id: "r2", pattern: "b.example.com/*", script: "example-prod" },
      { id: "r3", pattern: "c.example.com/*", script: "parrot" },
    ),
  ).toEqual(["person: route b.example.com/*: none / leads to this Worker, added by somebody"]);
  expect(
    find({ namespaces: { found: [] }, databases: { found: [] }, buckets: { found: [] } }),
  ).toEqual([
    "refresh: KV namespace example-prod-oauth (kv1): in the account / missing, with every client and connection in it",
    "refresh: D1 database example-prod-notes-db: in the account / missing, with everything in it",
    "refresh: R2 bucket example-prod-files: in the account / missing, with everything in it",
  ]);
  expect(find({ namespaces: { found: [{ id: "kv1", title: "renamed" }] } })).toEqual([
    "refresh: KV namespace kv1: example-prod-oauth / renamed",
  ]);
  const applications = new Map([["app1", { destinations: [], policies: [{ id: "p1" }] }]]);
  const policies = new Map([["p1", { decision: "bypass", include: [{ everyone: {} }] }]]);
  expect(find({ access: { found: { applications, policies } } })).toEqual([
    "refresh: Access application example-prod, its addresses: mcp.example.com/authorize / none",
    "refresh: Access policy example-prod people, what it decides: allow / bypass",
    "refresh: Access policy example-prod people, whom it lets past: 1 rule, of the stack's settings / 1 rule, not the same",
  ]);
});

test("what the token may not look at is not checked, and never fine", () => {
  const notChecked = "the token may not";
  const blind: Live = {
    ...live,
    routes: new Map([["z1", { notChecked }]]),
    otherZones: { notChecked },
    namespaces: { notChecked },
    databases: { notChecked },
    buckets: { notChecked },
    access: { notChecked },
  };
  expect(compareStack(declared, blind)).toEqual([]);
  const listed = listNotChecked(declared, blind);
  expect(listed.map(({ what }) => what)).toEqual([
    "KV namespaces",
    "D1 databases",
    "R2 buckets",
    "Access applications and policies",
    "routes of zones that the stack does not use",
    "routes of the zone z1",
  ]);
  const report = { stack: "prod", worker: "example-prod", looked: "2026-11-25T10:00:00.000Z" };
  const none = { differences: [], orphans: [] };
  const text = formatDriftReport({ ...report, ...none, notChecked: listed }, "text");
  expect(text).toContain("  not checked  KV namespaces: the token may not\n");
  expect(text).toContain("No drift found. 6 not checked.");
});

test("orphans carry the project's naming and belong to no stack; those of this backend and the ignored are left out", () => {
  const account: Live = {
    ...live,
    workers: ["example-prod", "example-dev", "example-pr-7", "example", "parrot"],
    namespaces: {
      found: [
        { id: "kv1", title: "example-prod-oauth" },
        // An `up` of dev whose answer was lost left it: the next one decides.
        { id: "kv2", title: "example-dev-oauth" },
        { id: "kv3", title: "example-pr-7-oauth" },
        { id: "kv4", title: "other-oauth" },
        // Another project's own.
        { id: "kv6", title: "parrot-oauth" },
        { id: "kv5", title: "notes" },
      ],
    },
    databases: {
      found: [
        { id: "db1", name: "example-prod-notes-db" },
        { id: "db2", name: "example-old-db" },
      ],
    },
    buckets: { found: ["example-prod-files", "example-old-files"] },
  };
  const owned = collectOwned([declared], ["example-prod", "example-dev"]);
  const names = (ignored: string[]) =>
    findOrphans("example", account, owned, new Set(ignored)).map(
      ({ kind, name }) => `${kind} ${name}`,
    );
  expect(names([])).toEqual([
    "Worker example-pr-7",
    "KV namespace example-pr-7-oauth",
    "KV namespace other-oauth",
    "D1 database example-old-db",
    "R2 bucket example-old-files",
  ]);
  expect(names(["other-oauth", "example-pr-7"])).toHaveLength(3);
  const orphan = { kind: "Worker", name: "example-pr-7", remove: "npx x" } as const;
  expect(describeOrphan(orphan).found).toMatch(/may belong to another backend or project$/);
  const uploader = readStackName(`${startMessage("pr-7")}version 1.0.0`);
  expect(describeOrphan(orphan, uploader).found).toContain("the stack pr-7 of another backend");
  expect(readStackName("Deployed with Pulumi stack pr-7, by me")).toBeUndefined();
});

test("a repair does what is needed and no more, and nothing for what is a person's", () => {
  const difference = { what: "a", expected: "b", found: "c", remedy: "d" };
  const plan = (...mends: ("upload" | "refresh" | "call" | "person")[]) =>
    planRepair(mends.map((mend) => ({ ...difference, mend }))).length;
  expect([plan(), plan("person"), plan("call"), plan("refresh"), plan("upload", "call")]).toEqual([
    0, 0, 1, 1, 3,
  ]);
});

test("the mark of a repair fits into a tag, and tells whether the next run is the same one", () => {
  const program = (inputs: object, op = "same") => {
    const digest = new ProgramDigest();
    const urn = "urn:pulumi:prod::example::x::worker";
    const state = { type: cloudflare("WorkersScript"), urn, inputs };
    const metadata = { op, urn, type: cloudflare("WorkersScript"), new: state };
    digest.take({ resourcePreEvent: { metadata } } as unknown as EngineEvent);
    return digest.sha256;
  };
  const code = { contentSha256: "a", bindings: [{ namespaceId: "kv1" }] };
  // The id of a namespace that is to be made again is not known.
  expect(program(code)).toBe(program({ contentSha256: "a", bindings: [{}] }, "update"));
  expect(program(code)).not.toBe(program({ ...code, contentSha256: "b" }));
  const mark = {
    began: "2026-11-25T10:00:00.000Z",
    program: program(code),
    settings: "b".repeat(64),
    commit: "0123456789ab-dirty",
  };
  expect(formatRepairMark(mark).length).toBeLessThan(256);
  for (const each of [mark, { ...mark, commit: "" }]) {
    expect(parseRepairMark(formatRepairMark(each))).toEqual(each);
  }
  expect(parseRepairMark("2026-11-25T10:00:00.000Z")).toBeUndefined();
});

test("a report is text, JSON or Markdown, in which a name of the account stays a text", () => {
  const difference = {
    what: "Worker a|b\u001b[31m",
    expected: "`x` <b>",
    found: "![](https://evil.example)",
    remedy: "Do it.",
    mend: "person" as const,
  };
  const report = {
    stack: "prod",
    worker: undefined,
    looked: "2026-11-25T10:00:00.000Z",
    differences: [difference],
    orphans: [{ ...difference, what: "Worker c" }],
    notChecked: [],
  };
  expect(formatDriftReport(report, "text")).toContain(
    "drift: prod, 2026-11-25T10:00:00Z\n\n  Worker a|b\n    expected  `x` <b>\n",
  );
  const markdown = formatDriftReport(report, "markdown");
  expect(markdown).toContain(
    "| Worker a\\|b | \\`x\\` \\<b\\> | \\!\\[\\](https:\u200b//evil.example) | Do it. |",
  );
  expect(JSON.parse(formatDriftReport(report, "json"))).toMatchObject({
    drifted: true,
    stack: "prod",
  });
  const strays = { ...report, differences: [] };
  expect(formatDriftReport(strays, "text")).toMatch(
    /Not drift of this stack[\s\S]*Worker c[\s\S]*No drift found\. 1 of no stack of this backend\./,
  );
  expect(formatDriftReport(strays, "markdown").match(/^\| Worker c/gm)).toHaveLength(1);
  expect(JSON.parse(formatDriftReport(strays, "json"))).toMatchObject({ drifted: false });
});
