import * as pulumi from "@pulumi/pulumi";
import type { Account, KvNamespace } from "../../infra/account.ts";
import { createEmptyAccount } from "../../infra/account.ts";
import type { Migrations } from "../../infra/durable-objects.ts";
import type { ProgramParts } from "../../infra/program.ts";
import type { DeclaredResource } from "../../scripts/dev/declared-resource.ts";
import { type CallHook, hasSecretInput } from "../../scripts/dev/mock-monitor.ts";
import { type MockResult, runWithMocks } from "../../scripts/dev/run-with-mocks.ts";
import { durableObjectBindings } from "../../worker/durable-objects.ts";
import { server } from "../fixture/infra.ts";
import { bundleOnce } from "./bundle-once.ts";
import { applyUpload, noObjects, type ObjectState } from "./durable-object-model.ts";
import { project } from "./fixture-project.ts";

export const accountId = "0123456789abcdef0123456789abcdef";

/** Audience tag of the Access application that a stack makes. */
export const accessTag = "acce55".padEnd(64, "0");

/** Zones of the account, with their ids. */
const zones: Readonly<Record<string, string>> = {
  "example.com": "e".repeat(32),
  "mcp.example.com": "d".repeat(32),
};

/** What an `up` is run with. */
export interface UpOptions {
  readonly values?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  /** In what the program differs from the fixture's. */
  readonly parts?: Partial<ProgramParts>;
  /** Stands for another state of the code. */
  readonly code?: string;
  /** The upload takes effect and its answer is lost, so the run fails. */
  readonly loseAnswer?: boolean;
  /** The namespace is made and its answer is lost, so the run fails there. */
  readonly cutAfterNamespace?: boolean;
}

/** What an `up` did, by the names of resources. */
export type UpReport = Steps & Pick<MockResult, "resources" | "outputs">;

interface Steps {
  readonly created: string[];
  readonly updated: string[];
  readonly replaced: string[];
  readonly deleted: string[];
  /** Why hooks stopped it. */
  readonly refusals: string[];
  /** The Durable Object steps that the upload carried; undefined where nothing was uploaded. */
  sent: Migrations | "none" | undefined;
}

interface KeptResource {
  readonly type: string;
  readonly inputs: string;
  readonly trigger: unknown;
  readonly stashed: unknown;
}

/**
 * A stack over several runs: a small model of the engine's state (Stash with `ignoreChanges` and
 * `replacementTrigger`, hooks, outputs) and of the account behind it.
 */
export class StackModel {
  readonly stack: string;
  /** The account, to be changed behind the stack's back. */
  readonly namespaces: KvNamespace[] = [];
  live: ObjectState | undefined;
  /** Id of the namespace that the stack took over, where it did. */
  ownNamespace: string | undefined;
  /** Whether Cloudflare refuses to delete a namespace. */
  namespacesInUse = false;
  /** What the deployed Worker is bound to. */
  boundNamespaces: readonly string[] = [];
  #state = new Map<string, KeptResource>();
  #outputs: Record<string, unknown> = {};

  constructor(stack = "dev") {
    this.stack = stack;
  }

  /** Value of a Stash, as the state has it. */
  stashed(name: string): unknown {
    return this.#state.get(name)?.stashed;
  }

  /** Drops resources from the state, as a refresh does with what is gone. */
  forget(...names: readonly string[]): void {
    for (const name of names) this.#state.delete(name);
  }

  async up({
    values = {},
    secrets = {},
    parts,
    code = "",
    loseAnswer = false,
    cutAfterNamespace = false,
  }: UpOptions = {}): Promise<UpReport> {
    const report = {
      created: [] as string[],
      updated: [] as string[],
      replaced: [] as string[],
      deleted: [] as string[],
      refusals: [] as string[],
      sent: undefined as Steps["sent"],
    };
    const next = new Map<string, KeptResource>();
    const refused = new Set<string>();
    const prefix = (all: Readonly<Record<string, string>>) =>
      Object.fromEntries(Object.entries(all).map(([key, value]) => [`${project}:${key}`, value]));
    const account = this.#createAccount();
    const bundle = async () => {
      const made = await bundleOnce();
      return { ...made, sha256: `${made.sha256}${code}` };
    };
    const { resources, outputs } = await runWithMocks(
      {
        project,
        stack: this.stack,
        values: { ...prefix({ accountId, ...values }), ...prefix(secrets) },
        secretKeys: Object.keys(prefix(secrets)),
        keys: {},
      },
      {
        parts: { ...server, createAccount: () => account, bundle, ...parts },
        engine: {
          outputs: {
            ...this.#outputs,
            ...(this.ownNamespace !== undefined && { kvNamespaceId: this.ownNamespace }),
          },
          register: async (resource, callHook) => {
            if (resource.type.startsWith("pulumi:pulumi:")) return {};
            if (cutAfterNamespace && resource.name === "oauth") {
              const title = String(resource.inputs.title);
              this.namespaces.push({ id: "c".repeat(32), title, isEmpty: true });
              throw new Error("connection reset");
            }
            const before = report.refusals.length;
            const kept = await this.#step(resource, callHook, report);
            next.set(resource.name, kept);
            if (report.refusals.length > before) refused.add(resource.name);
            if (resource.type === "pulumi:index:Stash")
              return {
                output: hasSecretInput(resource) ? pulumi.secret(kept.stashed) : kept.stashed,
              };
            if (resource.type.endsWith(":ZeroTrustAccessApplication")) return { aud: accessTag };
            if (!resource.type.endsWith(":WorkersScript")) return {};
            return { migrationTag: this.live?.tag ?? "" };
          },
        },
      },
    );
    if (report.refusals.length > 0) {
      // The rules come first, so what they allowed is in state; what waits for them is not.
      const rules = resources.filter(({ options }) => options.beforeUpdate.length > 0);
      for (const { name } of rules) {
        const kept = next.get(name);
        if (kept !== undefined && !refused.has(name)) this.#state.set(name, kept);
      }
      return { ...report, resources, outputs };
    }
    if (loseAnswer) {
      // Whatever waits for the script was not made.
      for (const name of ["worker", "workers-dev", "purge"]) next.delete(name);
      this.#state = new Map([...this.#state, ...next]);
      return { ...report, resources, outputs };
    }
    report.deleted.push(...[...this.#state.keys()].filter((name) => !next.has(name)));
    this.#state = next;
    this.#outputs = outputs;
    return { ...report, resources, outputs };
  }

  /** What the engine does with one registration, and what is in state after it. */
  async #step(
    resource: DeclaredResource,
    callHook: CallHook,
    report: Steps,
  ): Promise<KeptResource> {
    const { type, name, options } = resource;
    const old = this.#state.get(name) ?? this.#findAlias(options.aliases);
    const inputs = JSON.stringify(resource.inputs);
    const trigger = options.replacementTrigger;
    const isStash = type === "pulumi:index:Stash";
    const fresh = { type, inputs, trigger, stashed: resource.inputs.input };
    const run = async (hooks: readonly string[]) => {
      for (const hook of hooks) {
        try {
          const oldInputs = old && (JSON.parse(old.inputs) as object);
          await callHook(hook, { newInputs: resource.inputs, ...(oldInputs && { oldInputs }) });
        } catch (error) {
          report.refusals.push(String(error instanceof Error ? error.message : error));
        }
      }
    };
    if (old === undefined) {
      await run(options.beforeCreate);
      report.created.push(name);
      this.#upload(resource, report);
      return fresh;
    }
    if (JSON.stringify(old.trigger) !== JSON.stringify(trigger)) {
      report.replaced.push(name);
      return fresh;
    }
    if (isStash && options.ignoreChanges.includes("input")) return old;
    if (old.inputs === inputs) return old;
    await run(options.beforeUpdate);
    report.updated.push(name);
    this.#upload(resource, report);
    return { ...fresh, stashed: old.stashed };
  }

  #findAlias(aliases: readonly string[]): KeptResource | undefined {
    return aliases.map((alias) => this.#state.get(alias)).find((found) => found !== undefined);
  }

  /** Cloudflare's side of an upload. */
  #upload({ type, inputs }: DeclaredResource, report: Steps): void {
    // It waits for the rules, so a refusal leaves it alone.
    if (!type.endsWith(":WorkersScript") || report.refusals.length > 0) return;
    const migrations = inputs.migrations as Migrations | undefined;
    report.sent = migrations ?? "none";
    const classes = Object.values(durableObjectBindings);
    const bindings = inputs.bindings as { namespaceId?: string }[];
    this.boundNamespaces = bindings.flatMap(({ namespaceId }) => namespaceId ?? []);
    this.live = applyUpload(this.live ?? noObjects, {
      migrations,
      exported: classes,
      bound: classes,
    });
  }

  #createAccount(): Account {
    return {
      ...createEmptyAccount(),
      findWorkersDevSubdomain: async () => "ada",
      findOutsideVersion: async () => undefined,
      findWorker: async () =>
        this.live && { migrationTag: this.live.tag, classes: [...this.live.classes.keys()] },
      findBoundNamespaces: async () => this.live && this.boundNamespaces,
      findNamespace: async (title) => this.namespaces.find((found) => found.title === title),
      readNamespace: async (id) => this.namespaces.find((found) => found.id === id),
      deleteNamespace: async (id) => {
        if (this.namespacesInUse) throw new Error("10052: the namespace is bound to a Worker");
        this.namespaces.splice(
          this.namespaces.findIndex((found) => found.id === id),
          1,
        );
      },
      findZoneId: async (zone) => zones[zone],
    };
  }
}
