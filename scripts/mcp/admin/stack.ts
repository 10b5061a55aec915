import type { ConfigMap, OutputMap } from "@pulumi/pulumi/automation/index.js";
import * as z from "zod";
import { UserError } from "../../errors.ts";
import { findStackAccount, type StackAccount } from "../stack/stack-account.ts";
import { explain, openProject } from "../stack/workspace.ts";

/** A stack that is deployed, and how its account is reached. */
export interface DeployedStack extends StackAccount {
  readonly name: string;
  /** Public base URL without a slash at the end. */
  readonly origin: string;
  /** KV namespace of its OAuth state. */
  readonly namespaceId: string;
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
  const account = findStackAccount(
    project,
    values,
    '"Account, Workers KV Storage: Edit"; to list, Read is enough',
  );
  const { url, kvNamespaceId } = parsed.data;
  return {
    name,
    origin: url.value.replace(/\/$/, ""),
    namespaceId: kvNamespaceId.value,
    ...account,
    preRegistered: readClients(values[`${project}:preRegisteredClients`]?.value),
  };
}

/** @throws UserError where the CLI refuses. */
async function askPulumi(
  name: string,
): Promise<{ readonly project: string; readonly values: ConfigMap; readonly found: OutputMap }> {
  return explain(name, async () => {
    const workspace = await openProject(process.cwd());
    const { name: project } = await workspace.projectSettings();
    const found = await workspace.stackOutputs(name);
    return { project, found, values: await workspace.getAllConfig(name) };
  });
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
