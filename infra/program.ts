import * as pulumi from "@pulumi/pulumi";
import { durableObjectBindings, durableObjectHistory } from "../worker/durable-objects.ts";
import type { WorkerSettings } from "../worker/env.ts";
import { ownFeatures } from "../worker/features.ts";
import type { ScopeCatalogue } from "../worker/kit/define-scopes.ts";
import type { ToolDeclaration } from "../worker/kit/needs.ts";
import { createClaudeDesktopConfig } from "../worker/pages/client-forms.ts";
import type { Account, AccountParts } from "./account.ts";
import { findZone, refuseHeldDomain } from "./address.ts";
import { createHistory } from "./adopted-history.ts";
import { isConfigSecret, readApi } from "./api.ts";
import { awaitOutput } from "./await-output.ts";
import { serverBindingNames, toWorkerSettings } from "./bindings.ts";
import {
  type Bundle,
  type BundleVariant,
  bundleWorker,
  productEntry,
  projectRoot,
} from "./bundle.ts";
import * as cloudflare from "./cloudflare.ts";
import { readMigrations, refuseOtherFolders } from "./d1/steps.ts";
import type { DeclaredProgram } from "./declared-program.ts";
import { planMigrations } from "./durable-objects.ts";
import { readLastOutputs } from "./last-outputs.ts";
import { createLiveAccount } from "./live-account.ts";
import { chooseNamespace } from "./namespace.ts";
import { findOrigin } from "./origin.ts";
import { readSettings } from "./read-settings.ts";
import { RemoteMcpServer } from "./remote-mcp-server.ts";
import { requiredFlags } from "./required-flags.ts";
import { type Settings, secretSettings, settingsSchema } from "./settings.ts";
import { signsInElsewhere } from "./sign-in-rules.ts";
import { toNamespaceTitle } from "./stack-guard.ts";
import { checkToolNames } from "./tool-names.ts";
import { collectNeeds, listDatabases } from "./tool-needs.ts";
import { refuseLongNames } from "./tool-resources.ts";
import { nameStack, UserError } from "./user-error.ts";
import {
  createAnnotations,
  describeSource,
  readCommit,
  readVersion,
  startMessage,
} from "./version.ts";
import { listWaysIn } from "./ways-in.ts";

export interface ProgramParts {
  /** The account look-ups. The dev server passes an empty account. */
  readonly createAccount: (parts: AccountParts) => Account;
  /** Entry of the Worker that offers the features, from the root of the checkout. */
  readonly entryPoint: string;
  /** Makes the Worker's bundle. Default: from the entry. */
  readonly bundle: (variant: Required<BundleVariant>) => Promise<Bundle>;
  /** Root of the checkout that has the steps of the tools' databases. Default: this one. */
  readonly root: string;
  /** What the server offers. The needs of its tools become part of the environment. */
  readonly features: DeclaredFeatures;
  /**
   * Any text that was not given before uploads the Worker once more, although nothing has changed: this
   * restores what somebody changed in the account. Default: nothing to restore.
   */
  readonly repair: string | undefined;
  /**
   * Settings as the Worker reads them, for the bundle of another version: it may refuse those that
   * this checkout makes. Default: made from the stack's settings.
   */
  readonly workerSettings: WorkerSettings | undefined;
  /** Told what the program declares, before the engine is done with it. Default: nobody is. */
  readonly onDeclared: ((declared: DeclaredProgram) => void) | undefined;
  /** Where the bundle comes from, for the dashboard. Default: the version and commit of this checkout. */
  readonly source: string | undefined;
}

/**
 * A program of other features: a module exports it as `server`, with its own Worker and its own root for the
 * steps of its tools' databases, and the dev server runs it with `--program`. Tests have such programs.
 */
export type OtherServer = Pick<ProgramParts, "features" | "entryPoint" | "root">;

/** The part of the features that the infrastructure needs. */
export interface DeclaredFeatures {
  readonly tools: readonly ToolDeclaration[];
  /** The scopes that there are. Default: those of tools are not checked. */
  readonly scopes?: ScopeCatalogue;
  /** What to do instead of tools that are gone, by name. */
  readonly removedTools?: Readonly<Record<string, string>>;
}

/** Outputs of a stack, for people and for the commands in `scripts/`. */
export interface Outputs {
  /** The origin, with a slash at the end. */
  readonly url: string;
  readonly mcpUrl: string;
  readonly sseUrl: string;
  /** Redirect URI to register with the service that signs people in. */
  readonly signInCallbackUrl?: string;
  readonly scriptName: string;
  readonly kvNamespaceId: pulumi.Output<string>;
  /** Durable Object tag that the deployed Worker has. */
  readonly migrationTag: pulumi.Output<string>;
  readonly bundle: { readonly bytes: number; readonly gzipBytes: number; readonly sha256: string };
  /** Names of the tools, in order of the alphabet. */
  readonly tools: readonly string[];
  /** The demo's password, if a preview made it itself. Secret. */
  readonly demoPassword?: pulumi.Output<string>;
  /** The secret that each machine client is to use, by its name. Secret. */
  readonly machineSecrets?: pulumi.Output<Readonly<Record<string, string>>>;
  /** The content for `claude_desktop_config.json`. */
  readonly claudeDesktopConfig: object;
}

/**
 * Declares one environment. May run many times in a process.
 * @throws UserError before anything is declared, if the stack cannot be deployed as described.
 */
export async function program(parts: Partial<ProgramParts> = {}): Promise<Outputs> {
  try {
    return await declare(parts);
  } catch (error) {
    throw nameStack(error, pulumi.getStack());
  }
}

async function declare({
  createAccount = createLiveAccount,
  entryPoint = productEntry,
  bundle: makeBundle = (variant) => bundleWorker({ entryPoint, ...variant }),
  root = projectRoot,
  features: { tools, scopes, removedTools = {} } = ownFeatures,
  repair,
  workerSettings,
  onDeclared,
  source: givenSource,
}: Partial<ProgramParts>): Promise<Outputs> {
  const project = pulumi.getProject();
  checkToolNames(tools, Object.keys(removedTools));
  const needs = collectNeeds(
    tools,
    {
      settings: [...Object.keys(settingsSchema.shape), ...Object.keys(secretSettings)],
      bindings: serverBindingNames,
    },
    scopes,
  );
  const config = {
    project,
    values: pulumi.runtime.allConfig(),
    isSecret: isConfigSecret,
  };
  const stackSettings = readSettings(config, needs);
  const { settings } = stackSettings;
  const databases = listDatabases(needs);
  await refuseOtherFolders(root, databases);
  const databaseMigrations = await readMigrations(root, databases);
  const history = createHistory(durableObjectHistory, settings.adopted);
  const accountId = findAccountId(settings);
  const { baseUrl, token } = readApi();
  const apiToken = token && (await awaitOutput(token));
  const account = createAccount({ accountId, apiToken, baseUrl });

  const scriptName = settings.scriptName ?? createScriptName(project, pulumi.getStack());
  const [origin, live, deployedBindings, outside, last, zoneId, bundle, version, commit] =
    await Promise.all([
      findOrigin(settings, account, scriptName),
      account.findWorker(scriptName),
      settings.inheritedBindings.length === 0 ? [] : account.findBindings(scriptName),
      account.findOutsideVersion(scriptName, startMessage(pulumi.getStack())),
      readLastOutputs(),
      findZone(settings, account),
      makeBundle({ stubs: history.stubs, ways: listWaysIn(settings) }),
      readVersion(),
      // A program to wait for, and one that looks at every file.
      givenSource === undefined ? readCommit() : undefined,
    ]);
  refuseLargeBundle(bundle, settings);
  refuseLongNames(scriptName, needs);
  await refuseHeldDomain(settings, zoneId, scriptName, account);
  const migrations = planMigrations({
    history: history.steps,
    untaggedSteps: history.untaggedSteps,
    exported: bundle.exports,
    bound: Object.values(durableObjectBindings),
    live,
    allowDurableObjectDeletion: settings.allowDurableObjectDeletion,
  });
  const liveTag = live?.migrationTag;

  const provider = new cloudflare.Provider("cloudflare", {
    ...(token !== undefined && { apiToken: token }),
    ...(baseUrl !== undefined && { baseUrl }),
  });
  const source = givenSource ?? describeSource(version, commit);
  const server = new RemoteMcpServer(
    "server",
    {
      accountId,
      account,
      scriptName,
      stackSettings,
      workerSettings: workerSettings ?? toWorkerSettings(stackSettings, origin, version),
      needs,
      databaseMigrations,
      namespace: await chooseNamespace(
        toNamespaceTitle(scriptName),
        settings,
        account,
        last.kvNamespaceId,
      ),
      zoneId,
      bundle,
      migrations,
      deployedBindings,
      isDeployed: last.scriptName !== undefined,
      recover: liveTag === last.migrationTag ? (repair ?? outside) : (liveTag ?? "none"),
      annotations: createAnnotations(pulumi.getStack(), source, repair ?? outside),
    },
    { providers: [provider] },
  );

  const { bytes, gzipBytes, sha256 } = bundle;
  onDeclared?.({
    scriptName,
    origin,
    sha256,
    source,
    compatibilityDate: settings.compatibilityDate,
    compatibilityFlags: requiredFlags,
    bindings: server.bindings,
    migrations,
  });
  return {
    url: `${origin}/`,
    mcpUrl: `${origin}/mcp`,
    sseUrl: `${origin}/sse`,
    ...(signsInElsewhere(settings) && { signInCallbackUrl: `${origin}/authorize/callback` }),
    scriptName,
    kvNamespaceId: server.kvNamespaceId,
    migrationTag: server.migrationTag,
    bundle: { bytes, gzipBytes, sha256 },
    tools: tools.map(({ name }) => name).toSorted(),
    ...(server.demoPassword !== undefined && { demoPassword: server.demoPassword }),
    ...(server.machineSecrets !== undefined && { machineSecrets: server.machineSecrets }),
    claudeDesktopConfig: createClaudeDesktopConfig(settings.serverName, origin),
  };
}

/** @throws UserError if project and stack make no name that a Worker can have. */
function createScriptName(project: string, stack: string): string {
  const name = `${project}-${stack}`;
  if (settingsSchema.shape.scriptName.safeParse(name).success) return name;
  throw new UserError(
    `scriptName: the default, "${name}" from project and stack, cannot name a Worker: a name must be 1 to 63 characters of a-z, 0-9 and -. Set one with \`npx pulumi config set -s <stack> scriptName <name>\`.`,
  );
}

function findAccountId({ accountId }: Settings): string {
  const found = accountId ?? process.env.CLOUDFLARE_ACCOUNT_ID;
  if (found !== undefined && found !== "") return found;
  throw new UserError(
    "accountId: no Cloudflare account is named. Set it with `npx pulumi config set -s <stack> accountId <id>` or in the variable CLOUDFLARE_ACCOUNT_ID; the dashboard's Workers page shows the id.",
  );
}

/** @throws UserError for a bundle over its budget, before Cloudflare would (error 10027). */
function refuseLargeBundle({ gzipBytes }: Bundle, { bundleBudget }: Settings): void {
  if (gzipBytes <= bundleBudget) return;
  throw new UserError(
    `bundleBudget: the Worker has ${gzipBytes} bytes after gzip, and the budget is ${bundleBudget}. Look for a large import in what changed last, or raise the budget.`,
  );
}
