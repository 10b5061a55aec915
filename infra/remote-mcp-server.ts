import * as pulumi from "@pulumi/pulumi";
import type { WorkerSettings } from "../worker/env.ts";
import { createAccess } from "./access.ts";
import type { Account } from "./account.ts";
import { createAddresses } from "./address.ts";
import { createBindings } from "./bindings.ts";
import type { Bundle } from "./bundle.ts";
import * as cloudflare from "./cloudflare.ts";
import type { DatabaseSteps } from "./d1/steps.ts";
import type { DeclaredProgramBinding } from "./declared-program.ts";
import type { DeployedBinding } from "./deployed-worker.ts";
import type { Migrations } from "./durable-objects.ts";
import { keepBindings } from "./inherited-bindings.ts";
import { createKeys, listNewest } from "./keys.ts";
import { createNamespace, type NamespaceChoice } from "./namespace.ts";
import type { StackSettings } from "./read-settings.ts";
import { componentType } from "./resource-types.ts";
import { type Annotations, createScript } from "./script.ts";
import type { Settings } from "./settings.ts";
import { needsDemoPassword } from "./sign-in-rules.ts";
import { guardStack } from "./stack-guard.ts";
import type { Needs } from "./tool-needs.ts";
import { createToolBindings, listToolData } from "./tool-resources.ts";

type ScriptBinding = cloudflare.types.input.WorkersScriptBinding;

export interface RemoteMcpServerArgs {
  /** Cloudflare account, 32 hex characters. */
  readonly accountId: string;
  readonly account: Account;
  readonly scriptName: string;
  readonly stackSettings: StackSettings;
  /** Settings as the Worker gets them, with the origin. */
  readonly workerSettings: WorkerSettings;
  /** Everything that the tools declare they need. */
  readonly needs: Needs;
  /** Steps that the tools' databases are to have, by binding. */
  readonly databaseMigrations: DatabaseSteps;
  readonly namespace: NamespaceChoice;
  /** Zone of the custom domain and the routes, if the stack has either. */
  readonly zoneId: string | undefined;
  /** The bundled Worker, on disk. */
  readonly bundle: Bundle;
  /** Durable Object steps still to be sent, if any. */
  readonly migrations: Migrations | undefined;
  /** Bindings of the deployed Worker, if some of them are to stay. */
  readonly deployedBindings: readonly DeployedBinding[];
  /** Whether an `up` of this stack has ended well. */
  readonly isDeployed: boolean;
  /** A Durable Object tag or a version of the deployed Worker that the stack does not know of. */
  readonly recover: string | undefined;
  readonly annotations: Annotations;
}

/**
 * One remote MCP server: the OAuth store, the keys, the Worker with what its tools need, its
 * addresses and its clean-up schedule. Two of them share nothing.
 */
export class RemoteMcpServer extends pulumi.ComponentResource {
  readonly kvNamespaceId: pulumi.Output<string>;
  /** Durable Object tag after this upload. */
  readonly migrationTag: pulumi.Output<string>;
  /** The demo's password, if the stack made it itself. */
  readonly demoPassword: pulumi.Output<string> | undefined;
  /** The newest secret of each machine client that has one, by its name. */
  readonly machineSecrets: pulumi.Output<Readonly<Record<string, string>>> | undefined;
  /** The Worker's bindings, without their values. */
  readonly bindings: readonly DeclaredProgramBinding[];

  constructor(name: string, args: RemoteMcpServerArgs, opts: pulumi.ComponentResourceOptions) {
    super(componentType, name, {}, opts);
    const { scriptName, workerSettings, needs } = args;
    const { settings, secrets, services } = args.stackSettings;
    const protect = isProtected(settings);

    const essentials = {
      accountId: args.accountId,
      scriptName,
      origin: workerSettings.origin,
      keyGeneration: settings.keyGeneration,
      toolData: listToolData(needs),
    };
    const dependsOn = [guardStack(this, { ...args, essentials, settings })];

    const namespace = createNamespace(this, { ...args, ...args.namespace, protect, dependsOn });
    const keys = createKeys(this, {
      generation: settings.keyGeneration,
      protect,
      needsDemoPassword: needsDemoPassword(settings, secrets),
      machineClients: settings.machineClients,
      dependsOn,
    });
    const tools = createToolBindings(this, { ...args, needs, services, protect, dependsOn });
    const declared = [
      ...createBindings({
        ...args,
        settings,
        secrets,
        namespaceId: namespace.id,
        keys,
        accessAudience: createAccess(this, { ...args, settings, dependsOn }),
      }),
      ...tools.bindings,
    ];
    const bindings = [
      ...declared,
      ...keepBindings(settings.inheritedBindings, declared, args.deployedBindings),
    ];
    this.bindings = bindings.map(describeBinding);
    const namespaceId = namespace.id;
    const script = createScript(this, {
      ...args,
      settings,
      namespaceId,
      bindings,
      dependsOn: [...dependsOn, ...tools.ready],
    });
    createAddresses(this, script, { ...args, settings });
    this.#createPurge(args, script);

    this.demoPassword = keys.demoPassword;
    this.machineSecrets = keys.machineSecrets && listNewest(keys.machineSecrets);
    this.kvNamespaceId = namespace.id;
    this.migrationTag = script.migrationTag;
    this.registerOutputs({
      scriptName,
      kvNamespaceId: this.kvNamespaceId,
      migrationTag: this.migrationTag,
    });
  }

  /** An account on the free plan may have five cron triggers, so previews have none. */
  #createPurge(
    { accountId, stackSettings }: RemoteMcpServerArgs,
    script: cloudflare.WorkersScript,
  ): void {
    const { environment, purgeSchedule } = stackSettings.settings;
    if (environment === "preview") return;
    new cloudflare.WorkersCronTrigger(
      "purge",
      { accountId, scriptName: script.scriptName, schedules: [{ cron: purgeSchedule }] },
      { parent: this },
    );
  }
}

/** Names, types and the settings are known before the engine runs; an output is left out. */
function describeBinding({ name, type, ...members }: ScriptBinding): DeclaredProgramBinding {
  const known =
    type === "secret_text"
      ? []
      : Object.entries(members).filter(([, value]) => !pulumi.Output.isInstance(value));
  return { ...Object.fromEntries(known), name: String(name), type: String(type) };
}

function isProtected({ kvProtection, environment }: Settings): boolean {
  return kvProtection ?? environment === "production";
}
