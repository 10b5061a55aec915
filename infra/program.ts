import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { durableObjectHistory } from "../worker/durable-objects.ts";
import { type Account, type AccountParts, createLiveAccount } from "./account.ts";
import { toWorkerSettings } from "./bindings.ts";
import { type Bundle, bundleWorker, projectRoot } from "./bundle.ts";
import { createClaudeDesktopConfig } from "./claude-desktop.ts";
import { planMigrations } from "./durable-objects.ts";
import { RemoteMcpServer } from "./remote-mcp-server.ts";
import { readSettings, type Settings, SettingsError } from "./settings.ts";

/** What the program takes from outside the stack. */
export interface ProgramParts {
  /** The account look-ups. The dev server passes an empty account. */
  readonly createAccount: (parts: AccountParts) => Account;
  /** Makes the Worker's bundle. */
  readonly bundle: () => Promise<Bundle>;
}

/** Outputs of a stack, for people and for the commands in `scripts/`. */
export interface Outputs {
  /** The origin. */
  readonly url: string;
  readonly mcpUrl: string;
  readonly sseUrl: string;
  readonly scriptName: string;
  readonly kvNamespaceId: pulumi.Output<string>;
  readonly migrationTag: pulumi.Output<string>;
  readonly bundle: { readonly bytes: number; readonly gzipBytes: number; readonly sha256: string };
  /** What goes into `claude_desktop_config.json`. */
  readonly claudeDesktopConfig: object;
}

/** Declares one environment. May run many times in a process. */
export async function program({
  createAccount = createLiveAccount,
  bundle: makeBundle = bundleWorker,
}: Partial<ProgramParts> = {}): Promise<Outputs> {
  const project = pulumi.getProject();
  const settings = readSettings(project, pulumi.runtime.allConfig());
  const accountId = findAccountId(settings);
  const apiToken = new pulumi.Config("cloudflare").getSecret("apiToken");
  const account = createAccount({ accountId, apiToken: await unwrap(apiToken) });

  const scriptName = settings.scriptName ?? `${project}-${pulumi.getStack()}`;
  const [origin, liveTag, bundle, version] = await Promise.all([
    findOrigin(settings, account, scriptName),
    account.findMigrationTag(scriptName),
    makeBundle(),
    readVersion(),
  ]);
  const provider = new cloudflare.Provider(
    "cloudflare",
    apiToken === undefined ? {} : { apiToken },
  );
  const server = new RemoteMcpServer(
    "server",
    {
      accountId,
      scriptName,
      settings,
      workerSettings: toWorkerSettings(settings, origin, version),
      bundle,
      migrations: planMigrations(durableObjectHistory, liveTag),
    },
    { providers: [provider] },
  );

  const { bytes, gzipBytes, sha256 } = bundle;
  return {
    url: `${origin}/`,
    mcpUrl: `${origin}/mcp`,
    sseUrl: `${origin}/sse`,
    scriptName,
    kvNamespaceId: server.kvNamespaceId,
    migrationTag: server.migrationTag,
    bundle: { bytes, gzipBytes, sha256 },
    claudeDesktopConfig: createClaudeDesktopConfig(settings.serverName, origin),
  };
}

function findAccountId({ accountId }: Settings): string {
  const found = accountId ?? process.env.CLOUDFLARE_ACCOUNT_ID;
  if (found !== undefined && found !== "") return found;
  throw new SettingsError(
    "accountId: no Cloudflare account is named. Set it with `pulumi config set accountId <id>` or in the variable CLOUDFLARE_ACCOUNT_ID; the id stands on the dashboard's Workers page.",
  );
}

/** The one public base URL, without a slash at the end. */
async function findOrigin(settings: Settings, account: Account, scriptName: string) {
  if (settings.publicUrl !== undefined) return settings.publicUrl;
  const subdomain = await account.findWorkersDevSubdomain();
  if (subdomain !== undefined) return `https://${scriptName}.${subdomain}.workers.dev`;
  throw new SettingsError(
    "workersDev: this account has no workers.dev subdomain yet. Open Workers & Pages in the dashboard once to choose it, or set publicUrl.",
  );
}

/** The version of this checkout, which clients see as the server's version. */
async function readVersion(): Promise<string> {
  const text = await readFile(join(projectRoot, "package.json"), "utf8");
  const { version } = JSON.parse(text) as { version: string };
  return version;
}

/** The SDK needs the token now, not as an output; it stays in memory. */
async function unwrap(secret: pulumi.Output<string> | undefined): Promise<string | undefined> {
  return secret && new Promise((resolve) => secret.apply(resolve));
}
