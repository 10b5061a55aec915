import { expect, test } from "vitest";
import type { DeployedBinding } from "../../../infra/deployed-worker.ts";
import { resourceType } from "../../../infra/resource-types.ts";
import type { StateResource } from "../stack/state.ts";
import type { Address } from "./choose-address.ts";
import {
  describeCallers,
  findShared,
  type OtherStack,
  type OtherWorker,
  refuseShared,
} from "./find-sharers.ts";
import type { FoundWorker } from "./found-worker.ts";

const store = { name: "OAUTH_KV", type: "kv_namespace", namespace_id: "k1" };
const things: Readonly<Record<string, readonly [DeployedBinding, DeployedBinding]>> = {
  "KV namespace": [
    { name: "CACHE", type: "kv_namespace", namespace_id: "k2" },
    { name: "THEIRS", type: "kv_namespace", namespace_id: "k2" },
  ],
  "D1 database": [
    { name: "DB", type: "d1", database_id: "d" },
    { name: "THEIRS", type: "d1", id: "d" },
  ],
  "R2 bucket": [
    { name: "FILES", type: "r2_bucket", bucket_name: "files" },
    { name: "THEIRS", type: "r2_bucket", bucket_name: "files" },
  ],
  queue: [
    { name: "JOBS", type: "queue", queue_name: "jobs" },
    { name: "THEIRS", type: "queue", queue_name: "jobs" },
  ],
};
const nowhere: Address = {
  customDomain: undefined,
  routes: [],
  publicUrl: undefined,
  outside: [],
};

function find(
  kept: readonly DeployedBinding[],
  others: {
    readonly workers?: readonly OtherWorker[];
    readonly stacks?: readonly OtherStack[];
    readonly address?: Address;
  },
) {
  const live = {
    name: "parrot",
    bindings: [store, ...kept],
    titles: new Map([["k1", "parrot-oauth"]]),
  } as unknown as FoundWorker;
  const namespace = { binding: "OAUTH_KV", id: "k1", title: "parrot-oauth" };
  const bindings = { store: namespace, kept, going: [], replaced: [], askable: [] };
  return findShared({ live, bindings, address: nowhere, workers: [], stacks: [], ...others });
}

function say(shared: ReturnType<typeof find>, ...allowed: string[]): string {
  try {
    refuseShared(shared, allowed);
    return "";
  } catch (error) {
    return String(error);
  }
}

test("the OAuth store of two Workers is refused, and both ways out are named", () => {
  const other = { name: "parrot-staging", bindings: [{ ...store, name: "KV" }] };
  const shared = find([], { workers: [other, { name: "else", bindings: [] }] });
  const said = say(shared);
  expect(said).toContain('--kv-binding: the KV namespace "parrot-oauth", bound as OAUTH_KV,');
  expect(said).toContain('is used by the Worker "parrot-staging" as well');
  expect(said).toMatch(/`admin` of this stack.*wrangler kv namespace create.*--kv-binding none/);
  expect(said).toContain("--shared-with parrot-staging");
  expect(say(shared, "parrot-staging")).toBe("");
  expect(say(shared, "else")).toBe(said);
});

test.each(Object.keys(things))("a %s that another Worker uses is not taken in silence", (kind) => {
  const [ours, theirs] = things[kind] ?? [];
  if (ours === undefined || theirs === undefined) throw new Error(kind);
  const alone = [{ name: "else", bindings: [{ ...theirs, ...changeId(theirs) }] }];
  expect(find([ours], { workers: alone })).toEqual([]);
  const said = say(find([ours], { workers: [{ name: "other", bindings: [theirs] }] }));
  expect(said).toContain(`--drop: the ${kind} "`);
  expect(said).toMatch(new RegExp(`used by the Worker "other".*--drop ${ours.name}`));
});

/** The same kind of thing, and another one. */
function changeId({ name: _name, type: _type, ...members }: DeployedBinding) {
  return Object.fromEntries(Object.keys(members).map((member) => [member, "another"]));
}

test("what another stack has is refused, whoever is allowed", () => {
  const toStack = (resource: Partial<StateResource>): OtherStack[] => [
    { name: "prod", resources: [{ urn: "a::b", type: "", ...resource }] },
  ];
  const zone = { zoneId: "z", zone: "example.com" };
  const cases: readonly (readonly [Partial<StateResource>, DeployedBinding[], Address?])[] = [
    [{ type: resourceType.namespace, id: "k1" }, []],
    [{ type: resourceType.database, id: "d" }, [things["D1 database"]?.[0] ?? store]],
    [{ type: resourceType.bucket, inputs: { name: "files" } }, [things["R2 bucket"]?.[0] ?? store]],
    [
      { type: resourceType.domain, inputs: { hostname: "a.example.com" } },
      [],
      { ...nowhere, customDomain: { id: "i", hostname: "a.example.com", ...zone } },
    ],
    [
      { type: resourceType.route, id: "r" },
      [],
      { ...nowhere, routes: [{ id: "r", pattern: "a.example.com/*", ...zone }] },
    ],
  ];
  for (const [resource, kept, address = nowhere] of cases) {
    const said = say(find(kept, { stacks: toStack(resource), address }), "prod");
    expect(said, resource.type).toMatch(/is used by the stack "prod" as well.*state of "prod"/);
    expect(find(kept, { stacks: toStack({ ...resource, type: "another" }), address })).toEqual([]);
  }
});

test("Workers that call the one that is adopted are named", () => {
  const callers = describeCallers("parrot", [
    { name: "a", bindings: [{ name: "PARROT", type: "service", service: "parrot" }] },
    {
      name: "b",
      bindings: [
        {
          name: "OBJECTS",
          type: "durable_object_namespace",
          class_name: "MyMCP",
          script_name: "parrot",
        },
        { name: "OWN", type: "durable_object_namespace", class_name: "Own" },
      ],
    },
  ]);
  expect(callers).toEqual([
    'the Worker "a" calls it, by its binding PARROT',
    expect.stringMatching(/the Worker "b" uses its Durable Objects of the class MyMCP, .* 410/),
  ]);
});
