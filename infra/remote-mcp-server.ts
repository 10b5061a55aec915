import { createHash } from "node:crypto";
import { relative } from "node:path";
import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import type { WorkerSettings } from "../worker/env.ts";
import { createBindings } from "./bindings.ts";
import { type Bundle, mainModule } from "./bundle.ts";
import type { Migrations } from "./durable-objects.ts";
import { createKeys } from "./keys.ts";
import type { Settings } from "./settings.ts";

/** Runtime features the Worker cannot do without. */
const compatibilityFlags = [
  // A client's metadata document is fetched from the open Internet only, never from the own zone.
  "global_fetch_strictly_public",
  // AsyncLocalStorage, the one thing of Node that agents/mcp/server uses.
  "nodejs_als",
];

/** What one environment is made of. */
export interface RemoteMcpServerArgs {
  /** Cloudflare account, 32 hex characters. */
  readonly accountId: string;
  /** Name of the Worker. */
  readonly scriptName: string;
  readonly settings: Settings;
  /** Settings as the Worker gets them, with the origin. */
  readonly workerSettings: WorkerSettings;
  /** The bundled Worker, on disk. */
  readonly bundle: Bundle;
  /** Durable Object steps still to be sent, if any. */
  readonly migrations: Migrations | undefined;
}

/**
 * One remote MCP server: the OAuth store, the Worker, its workers.dev address and its clean-up
 * schedule. Two of them share nothing.
 */
export class RemoteMcpServer extends pulumi.ComponentResource {
  readonly kvNamespaceId: pulumi.Output<string>;
  /** Durable Object tag after this upload. */
  readonly migrationTag: pulumi.Output<string>;

  constructor(name: string, args: RemoteMcpServerArgs, opts: pulumi.ComponentResourceOptions) {
    super("remote-mcp-server:index:RemoteMcpServer", name, args, opts);
    const { accountId, scriptName, settings } = args;

    const namespace = this.#createNamespace(args);
    const script = this.#createScript(args, namespace);
    this.#createSubdomain(args, script);
    new cloudflare.WorkersCronTrigger(
      "purge",
      { accountId, scriptName: script.scriptName, schedules: [{ cron: settings.purgeSchedule }] },
      { parent: this },
    );

    this.kvNamespaceId = namespace.id;
    this.migrationTag = script.migrationTag;
    this.registerOutputs({
      scriptName,
      kvNamespaceId: this.kvNamespaceId,
      migrationTag: this.migrationTag,
    });
  }

  #createNamespace({ accountId, scriptName }: RemoteMcpServerArgs): cloudflare.WorkersKvNamespace {
    const title = `${scriptName}-oauth`;
    return new cloudflare.WorkersKvNamespace("oauth", { accountId, title }, { parent: this });
  }

  #createScript(
    args: RemoteMcpServerArgs,
    namespace: cloudflare.WorkersKvNamespace,
  ): cloudflare.WorkersScript {
    const { accountId, scriptName, settings, bundle } = args;
    const migrations = this.#rememberMigrations(args);
    return new cloudflare.WorkersScript(
      "worker",
      {
        accountId,
        scriptName,
        mainModule,
        // A path in state must be the same on every machine. The code itself never enters state.
        contentFile: relative(process.cwd(), bundle.file),
        contentSha256: bundle.sha256,
        compatibilityDate: settings.compatibilityDate,
        compatibilityFlags,
        bindings: createBindings({ ...args, namespaceId: namespace.id, keys: createKeys(this) }),
        migrations,
        observability: { enabled: true },
      },
      { parent: this },
    );
  }

  /**
   * The provider sends `migrations` with every upload, and Cloudflare refuses a step that it has
   * applied (error 10079). A Stash keeps what the last upload sent, so that an unchanged run shows
   * no change; anything else that changes in the script replaces the Stash by what is pending then.
   */
  #rememberMigrations({ settings, workerSettings, bundle, migrations }: RemoteMcpServerArgs) {
    const fingerprint = createHash("sha256")
      .update(JSON.stringify([bundle.sha256, settings, workerSettings, compatibilityFlags]))
      .digest("hex");
    const stash = new pulumi.Stash(
      "migrations",
      { input: migrations ?? null },
      { parent: this, ignoreChanges: ["input"], replacementTrigger: fingerprint },
    );
    return stash.output.apply((output: Migrations | null) => output ?? undefined);
  }

  /** The address <scriptName>.<subdomain>.workers.dev; its preview URLs would be further origins. */
  #createSubdomain(
    { accountId, settings }: RemoteMcpServerArgs,
    script: cloudflare.WorkersScript,
  ): void {
    new cloudflare.WorkersScriptSubdomain(
      "workers-dev",
      {
        accountId,
        scriptName: script.scriptName,
        enabled: settings.workersDev,
        previewsEnabled: false,
      },
      { parent: this },
    );
  }
}
