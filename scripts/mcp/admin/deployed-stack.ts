import type { ConfigMap } from "@pulumi/pulumi/automation/index.js";
import * as z from "zod";
import type { MachineClientSetting } from "../../../infra/machine-clients.ts";
import type { PreRegisteredClient } from "../../../worker/env.ts";
import { UserError } from "../../errors.ts";
import { readConfig, readProjectName } from "../stack/backend.ts";
import { findProject, readStackOutputs, type StackOutputs } from "../stack/outputs.ts";
import { Properties } from "../stack/properties.ts";
import { ahead } from "../stack/remembered.ts";
import { findStackAccount, type StackAccount } from "../stack/stack-account.ts";
import { pickSettings, readSetting } from "../stack/stack-values.ts";

/** A stack that is deployed, and how its account is reached. */
export interface DeployedStack extends StackAccount {
  readonly name: string;
  /** Public base URL without a slash at the end. */
  readonly origin: string;
  /** KV namespace of its OAuth state. */
  readonly namespaceId: string;
  /** Clients that the settings name: they are in no store. */
  readonly preRegistered: readonly PreRegisteredClient[];
  /** Machine clients: they are in the settings alone. */
  readonly machines: readonly MachineClientSetting[];
  /** Clients that may come with a company's word, by id. */
  readonly companyClients: readonly string[];
}

export interface KnownStack {
  readonly name: string;
  readonly project: string;
  /** Its settings, as Pulumi gives them. */
  readonly values: ConfigMap;
  readonly outputs: StackOutputs;
}

/**
 * Reads a stack's outputs and settings with the Pulumi CLI, from the project in the working directory.
 * @param read reads its settings.
 * @throws UserError if there is no such stack, it is not deployed, or no token or account is named.
 */
export async function readStack(name: string, read = readConfig): Promise<DeployedStack> {
  const folder = findProject();
  const project = await readProjectName(folder);
  const outputs = ahead(readStackOutputs(name, folder));
  const values = await read(name, folder);
  // Afterwards: outputs can be read without a CLI, and whoever has none is to hear of that first.
  return toDeployedStack({ name, project, values, outputs: await outputs });
}

/**
 * The same of a stack that is open already. Token, account and base URL are found as its program finds them.
 * @throws UserError if it is not deployed, or no token or account is named.
 */
export function toDeployedStack({ name, project, values, outputs }: KnownStack): DeployedStack {
  const read = new Properties(outputs);
  const [url, namespaceId] = [read.find("url", z.string()), read.find("kvNamespaceId", z.string())];
  if (url === undefined || namespaceId === undefined) {
    throw new UserError(
      `--stack: ${name} is not deployed, so nobody has access. Deploy it with \`npx pulumi up -s ${name}\`.`,
    );
  }
  const account = findStackAccount(
    project,
    values,
    '"Account, Workers KV Storage: Edit"; to list, Read is enough',
  );
  return {
    name,
    origin: url.replace(/\/$/, ""),
    namespaceId,
    ...account,
    preRegistered: readNeeded(project, values, "preRegisteredClients"),
    machines: readNeeded(project, values, "machineClients"),
    companyClients: [
      ...new Set(
        readNeeded(project, values, "enterpriseIssuers").flatMap(({ clientIds }) => clientIds),
      ),
    ],
  };
}

/** @throws UserError if the setting cannot be read: its clients' grants would look abandoned. */
function readNeeded<Name extends "preRegisteredClients" | "machineClients" | "enterpriseIssuers">(
  project: string,
  values: ConfigMap,
  name: Name,
) {
  const setting = readSetting(pickSettings(project, values), name);
  if (setting !== undefined) return setting;
  throw new UserError(
    `${name}: the stack's setting cannot be read. \`npx pulumi preview\` says what is wrong with it.`,
  );
}
