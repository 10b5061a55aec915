import { join } from "node:path";
import {
  CommandError,
  type ConfigMap,
  LocalWorkspace,
  type OutputMap,
  StackNotFoundError,
} from "@pulumi/pulumi/automation/index.js";
import * as z from "zod";
import { projectRoot } from "../../../infra/bundle.ts";
import { UserError } from "../../errors.ts";

/** A stack that is deployed, and how its account is reached. */
export interface DeployedStack {
  readonly name: string;
  /** Public base URL without a slash at the end. */
  readonly origin: string;
  /** KV namespace of its OAuth state. */
  readonly namespaceId: string;
  readonly accountId: string;
  readonly apiToken: string;
  /** Undefined: Cloudflare's own API. */
  readonly baseUrl: string | undefined;
  /** Clients that the settings name: they are in no store. */
  readonly preRegistered: readonly PreRegistered[];
}

const preRegisteredClient = z.object({
  clientId: z.string(),
  name: z.string(),
  redirectUris: z.array(z.string()),
});

/** A client that is known without registering. */
export type PreRegistered = z.infer<typeof preRegisteredClient>;

const outputs = z.object({
  url: z.object({ value: z.string() }),
  kvNamespaceId: z.object({ value: z.string() }),
});

/**
 * Reads a stack's outputs and settings with the Pulumi CLI, from the project in the working directory.
 * Token, account and base URL are found as the stack's program finds them.
 * @throws UserError where there is no such stack, it is not deployed, or no token or account is named.
 */
export async function readStack(name: string): Promise<DeployedStack> {
  const { project, values, found } = await askPulumi(name);
  const parsed = outputs.safeParse(found);
  if (!parsed.success) {
    throw new UserError(
      `--stack: ${name} is not deployed, so nobody has access. Deploy it with \`npx pulumi up -s ${name}\`.`,
    );
  }
  const accountId = values[`${project}:accountId`]?.value || process.env.CLOUDFLARE_ACCOUNT_ID;
  if (!accountId) {
    throw new UserError(
      "accountId: no Cloudflare account is named. Set the variable CLOUDFLARE_ACCOUNT_ID; the id stands on the dashboard's Workers page.",
    );
  }
  const apiToken = values["cloudflare:apiToken"]?.value || process.env.CLOUDFLARE_API_TOKEN;
  if (!apiToken) {
    throw new UserError(
      'cloudflare:apiToken: no API token is set. Set the variable CLOUDFLARE_API_TOKEN to one with the permission "Account, Workers KV Storage: Edit"; to list, Read is enough.',
    );
  }
  const { url, kvNamespaceId } = parsed.data;
  return {
    name,
    origin: url.value.replace(/\/$/, ""),
    namespaceId: kvNamespaceId.value,
    accountId,
    apiToken,
    baseUrl: values["cloudflare:baseUrl"]?.value || process.env.CLOUDFLARE_BASE_URL || undefined,
    preRegistered: readClients(values[`${project}:preRegisteredClients`]?.value),
  };
}

/** @throws UserError where the CLI refuses. */
async function askPulumi(
  name: string,
): Promise<{ readonly project: string; readonly values: ConfigMap; readonly found: OutputMap }> {
  // As npm does for its scripts: `pulumi` is the CLI that this project installs.
  process.env.PATH = `${join(projectRoot, "node_modules/.bin")}:${process.env.PATH ?? ""}`;
  try {
    const workspace = await LocalWorkspace.create({ workDir: process.cwd() });
    const { name: project } = await workspace.projectSettings();
    const found = await workspace.stackOutputs(name);
    return { project, found, values: await workspace.getAllConfig(name) };
  } catch (error) {
    if (error instanceof StackNotFoundError) {
      throw new UserError(
        `--stack: there is no stack "${name}" in this Pulumi backend. \`npx pulumi stack ls\` lists those there are; \`npx pulumi whoami -v\` says which backend it is.`,
      );
    }
    if (error instanceof CommandError) {
      throw new UserError(`--stack: Pulumi cannot read the stack "${name}":\n${tellReason(error)}`);
    }
    throw error;
  }
}

/** What the CLI said, from its own `error:` on; before it stands the whole command. */
function tellReason({ message }: CommandError): string {
  const [, said = message] = /stderr: ([\s\S]*?)\n\s*err\?: /.exec(message) ?? [];
  return said.slice(Math.max(0, said.indexOf("error: "))).trim();
}

/** @throws UserError where the setting cannot be read: its clients' grants would look abandoned. */
function readClients(text: string | undefined): PreRegistered[] {
  if (text === undefined || text === "") return [];
  try {
    return z.array(preRegisteredClient).parse(JSON.parse(text));
  } catch {
    throw new UserError(
      "preRegisteredClients: the stack's setting cannot be read. `npx pulumi preview` says what is wrong with it.",
    );
  }
}
