import { digest } from "../../digest.ts";
import type { WorkerEnv } from "../../env.ts";
import { listDigests } from "./secrets.ts";
import type { MachineClient, Workload } from "./settings.ts";

/** Characters by which a token names its credential: 96 bits. */
const idLength = 24;

/** The credential by which a machine client proved who it is. */
export type Credential =
  /** @see findSecret */
  | { readonly way: "secret"; readonly digest: string }
  | { readonly way: "key" }
  | { readonly way: "workload"; readonly rule: Workload };

/** How a token refers to a credential. It changes with the settings of the credential. */
export async function toCredentialId(
  { keys, keysUrl }: MachineClient,
  credential: Credential,
): Promise<string> {
  switch (credential.way) {
    case "secret":
      return credential.digest.slice(0, idLength);
    case "key":
      return identify([keys, keysUrl]);
    case "workload":
      return identify(credential.rule);
  }
}

/** Whether a machine client still has a credential: when a secret, key or rule is removed, its tokens end. */
export async function hasCredential(
  env: WorkerEnv,
  machine: MachineClient,
  id: string,
): Promise<boolean> {
  const { name, keys, keysUrl, workloads = [] } = machine;
  const credentials: Credential[] = [
    ...listDigests(env, name).map((known) => ({ way: "secret" as const, digest: known })),
    ...(keys === undefined && keysUrl === undefined ? [] : [{ way: "key" as const }]),
    ...workloads.map((rule) => ({ way: "workload" as const, rule })),
  ];
  const ids = credentials.map((credential) => toCredentialId(machine, credential));
  return (await Promise.all(ids)).includes(id);
}

async function identify(setting: unknown): Promise<string> {
  return (await digest(JSON.stringify(setting))).slice(0, idLength);
}
