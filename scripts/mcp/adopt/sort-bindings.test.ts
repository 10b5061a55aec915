import { expect, test } from "vitest";
import type { DeployedBinding } from "../../../infra/deployed-worker.ts";
import type { ToolDeclaration } from "../../../worker/kit/needs.ts";
import type { FoundNamespace, FoundWorker } from "./found-worker.ts";
import { sortBindings } from "./sort-bindings.ts";

/** A Worker with these bindings and nothing else. */
function createWorker(...bindings: readonly DeployedBinding[]): FoundWorker {
  const namespaces = bindings.flatMap(({ name, type }): FoundNamespace[] =>
    type === "kv_namespace" ? [{ binding: name, id: `${name}-id`, title: name }] : [],
  );
  return {
    name: "parrot",
    migrationTag: undefined,
    classes: [],
    bindings,
    namespaces,
    titles: new Map(),
    compatibilityDate: "",
    compatibilityFlags: [],
    observability: undefined,
    extras: {},
    crons: [],
    workersDev: true,
    previewUrls: false,
    domains: [],
    routes: [],
  };
}

const kv = (name: string) => ({ name, type: "kv_namespace" });

test("what the program does not declare is kept, but for what nobody would call any more", () => {
  const worker = createWorker(
    kv("OAUTH_KV"),
    kv("CACHE"),
    { name: "KEY", type: "secret_text" },
    { name: "GITHUB_CLIENT_SECRET", type: "secret_text" },
    { name: "GREETING", type: "plain_text" },
    { name: "SESSIONS", type: "plain_text" },
    { name: "OWN", type: "durable_object_namespace", class_name: "Own" },
    { name: "THEIRS", type: "durable_object_namespace", class_name: "A", script_name: "other" },
    { name: "ASSETS", type: "assets" },
  );
  const sorted = sortBindings(worker, { drop: ["GREETING"] }, []);
  const names = (bindings: readonly DeployedBinding[]) => bindings.map(({ name }) => name);
  expect(sorted.store?.id).toBe("OAUTH_KV-id");
  expect(names(sorted.kept)).toEqual(["CACHE", "KEY", "GITHUB_CLIENT_SECRET", "THEIRS"]);
  expect(names(sorted.replaced)).toEqual(["SESSIONS"]);
  expect(sorted.going.map(({ binding }) => binding.name)).toEqual(["GREETING", "OWN", "ASSETS"]);
  expect(sorted.askable).toEqual([
    { binding: "GITHUB_CLIENT_SECRET", setting: "githubClientSecret" },
  ]);
});

test("a binding that a tool needs is the program's own", () => {
  const worker = createWorker({ name: "CACHE", type: "r2_bucket" }, { name: "KEY", type: "ai" });
  const tool: ToolDeclaration = { name: "look_up", needs: { bindings: { CACHE: { kind: "r2" } } } };
  const sorted = sortBindings(worker, { drop: [] }, [tool]);
  expect(sorted.replaced.map(({ name }) => name)).toEqual(["CACHE"]);
  expect(sorted.kept.map(({ name }) => name)).toEqual(["KEY"]);
});

test("the store is named where nobody can know it, and may be a new one", () => {
  const worker = createWorker(kv("AUTH"), kv("CACHE"));
  expect(() => sortBindings(worker, { drop: [] }, [])).toThrow(
    '--kv-binding: it is not clear which KV namespace of "parrot" holds the OAuth data. It has: AUTH ("AUTH"), CACHE ("CACHE").',
  );
  expect(() => sortBindings(worker, { drop: [], kvBinding: "X" }, [])).toThrow(
    'no KV namespace bound as "X"',
  );
  const named = sortBindings(worker, { drop: [], kvBinding: "AUTH" }, []);
  expect(named.store?.id).toBe("AUTH-id");
  expect(named.going.map(({ binding }) => binding.name)).toEqual(["AUTH"]);
  expect(named.kept.map(({ name }) => name)).toEqual(["CACHE"]);
  const fresh = sortBindings(worker, { drop: [], kvBinding: "none" }, []);
  expect(fresh.store).toBeUndefined();
  expect(fresh.kept.map(({ name }) => name)).toEqual(["AUTH", "CACHE"]);
  expect(sortBindings(createWorker(), { drop: [] }, []).store).toBeUndefined();
});

test("a Worker of this project whose state was lost is refused, and so is a name that is not there", () => {
  const own = createWorker(
    { name: "SUBJECT_KEY", type: "secret_text" },
    { name: "SETTINGS", type: "json" },
  );
  expect(() => sortBindings(own, { drop: [] }, [])).toThrow(/was deployed by this project/);
  expect(() => sortBindings(createWorker(), { drop: ["X"] }, [])).toThrow('no binding "X"');
});
