import { createHash, createPublicKey, type JsonWebKey } from "node:crypto";
import * as z from "zod";
import type { WorkerSettings } from "../worker/env.ts";
import { httpsUrl } from "../worker/identity/declaration.ts";
import type { ScopeCatalogue } from "../worker/kit/define-scopes.ts";
import { mostVariableBytes } from "./worker-settings-size.ts";

/** Who signs what a run of GitHub Actions says of itself (docs.github.com, "OpenID Connect reference"). */
const githubActions = "https://token.actions.githubusercontent.com";

/** Where such an issuer has its keys, at GitHub and at an Enterprise Server. */
const keysPath = "/.well-known/jwks";

/** Bits of an RSA key at least (RFC 7518 section 3.3). */
const fewestBits = 2048;

const publicKey = z
  .union([z.string().min(1), z.record(z.string(), z.unknown())])
  .transform((given, { addIssue }) => {
    const key = readPublicKey(given);
    if (typeof key !== "string") return key;
    addIssue({ code: "custom", message: key });
    return z.NEVER;
  });

const workload = z.strictObject({
  repository: z
    .string()
    .regex(/^[\w.-]+\/[\w.-]+$/, "must be the owner and the name, like acme/orders"),
  repositoryId: z.coerce.string().regex(/^\d+$/, "must be the repository's number").optional(),
  environment: z.string().min(1).optional(),
  branch: z
    .string()
    .regex(/^(?!refs\/)\S+$/, "must be the branch's name, like main, without refs/heads/")
    .optional(),
  issuer: httpsUrl.default(githubActions),
  jwksUrl: httpsUrl.optional(),
});

/** A client without a person, as a stack describes it. Rules between fields are in `checkMachines`. */
export const machineClient = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/, "must be 1 to 40 characters of a-z, 0-9 and -"),
  scopes: z.array(z.string().min(1)).min(1, "must name at least one scope"),
  resource: z.enum(["mcp", "sse"]).default("mcp"),
  secrets: z.array(z.int().min(1)).min(1).max(2, "may hold at most two numbers").optional(),
  publicKeys: z.array(publicKey).min(1).optional(),
  jwksUrl: httpsUrl.optional(),
  workloads: z.array(workload).min(1).optional(),
});

/** See `machineClient`. */
export type MachineClientSetting = z.infer<typeof machineClient>;

/** Every rule that machine clients break, each with the way out. @param catalogue the server's scopes, if known. */
export function checkMachines(
  machines: readonly MachineClientSetting[],
  knownClients: readonly string[],
  catalogue?: ScopeCatalogue,
): string[] {
  const names = machines.map(({ name }) => name);
  const issuers = new Map<string, string>();
  const ofEach = machines.flatMap((machine, index) => {
    const { name, secrets = [], publicKeys, jwksUrl, workloads = [] } = machine;
    const field = `machineClients.${index}`;
    const problems: string[] = [];
    if (names.indexOf(name) !== index) {
      problems.push(`${field}.name: "${name}" is there twice. Remove one.`);
    }
    if (knownClients.includes(name)) {
      problems.push(
        `${field}.name: "${name}" is also a client of preRegisteredClients, and an id belongs to one client. Choose another name.`,
      );
    }
    if (
      secrets.length + workloads.length === 0 &&
      publicKeys === undefined &&
      jwksUrl === undefined
    ) {
      problems.push(
        `${field}: "${name}" has no way to say who it is. Give it secrets, publicKeys, jwksUrl or workloads. Example: "secrets": [1]`,
      );
    }
    if (publicKeys !== undefined && jwksUrl !== undefined) {
      problems.push(
        `${field}.jwksUrl: "${name}" has publicKeys, too, and only one of them counts. Remove the other.`,
      );
    }
    if (new Set(secrets).size !== secrets.length) {
      problems.push(`${field}.secrets: a number is there twice. Example: [1, 2]`);
    }
    for (const scope of catalogue === undefined ? [] : machine.scopes) {
      if (Object.hasOwn(catalogue ?? {}, scope)) continue;
      problems.push(
        `${field}.scopes: the server has no scope "${scope}". It has: ${Object.keys(catalogue ?? {}).join(", ")}.`,
      );
    }
    for (const [number, rule] of workloads.entries()) {
      const path = `${field}.workloads.${number}`;
      if (rule.environment === undefined && rule.branch === undefined) {
        problems.push(
          `${path}: it takes every run of ${rule.repository}, those of pull requests too. Name a branch or an environment. Example: "branch": "main"`,
        );
      }
      const keysUrl = toKeysUrl(rule);
      const known = issuers.get(rule.issuer) ?? keysUrl;
      issuers.set(rule.issuer, known);
      if (known !== keysUrl) {
        problems.push(
          `${path}.jwksUrl: ${rule.issuer} has its keys at ${known} in another rule, and an issuer has one address for them. Give both the same.`,
        );
      }
    }
    return problems;
  });
  return [...ofEach, ...checkSecretsSize(machines)];
}

/** The Worker gets the digests of all secrets together, as one secret. */
function checkSecretsSize(machines: readonly MachineClientSetting[]): string[] {
  const withSecret = machines.filter(({ secrets = [] }) => secrets.length > 0);
  // Every digest is as long as another.
  const secrets = withSecret.map(({ name, secrets: numbers = [] }) => [name, numbers.map(String)]);
  const bytes = Buffer.byteLength(writeDigests(Object.fromEntries(secrets)));
  if (bytes <= mostVariableBytes) return [];
  return [
    `machineClients: ${withSecret.length} clients have a secret, whose digests have ${bytes} bytes together as the Worker gets them, and Cloudflare takes ${mostVariableBytes} (one secret). Remove the numbers of secrets that nobody uses any more, or let some clients come with a key (jwksUrl) or as a workload (workloads) in place of a secret.`,
  ];
}

/** SHA-256 of each secret by the name of its client, as the Worker reads them. */
export function writeDigests(secrets: Readonly<Record<string, readonly string[]>>): string {
  const digest = (secret: string) => createHash("sha256").update(secret).digest("hex");
  const all = Object.entries(secrets).map(([name, values]) => [name, values.map(digest)]);
  return JSON.stringify(Object.fromEntries(all));
}

/** The machine clients as the Worker reads them; undefined if there is none. Their secrets are not among it. */
export function toMachineSettings(
  machines: readonly MachineClientSetting[],
): WorkerSettings["machines"] {
  if (machines.length === 0) return undefined;
  return machines.map(({ name, scopes, resource, publicKeys, jwksUrl, workloads }) => ({
    name,
    scopes,
    resource,
    ...(publicKeys && { keys: publicKeys }),
    ...(jwksUrl !== undefined && { keysUrl: jwksUrl }),
    ...(workloads && { workloads: workloads.map(toRule) }),
  }));
}

function toRule({ repositoryId, environment, branch, ...rule }: WorkloadSetting): Rule {
  const { issuer, repository } = rule;
  return {
    issuer,
    keysUrl: toKeysUrl(rule),
    repository,
    ...(repositoryId !== undefined && { repositoryId }),
    ...(environment !== undefined && { environment }),
    ...(branch !== undefined && { branch }),
  };
}

function toKeysUrl({ issuer, jwksUrl }: Pick<WorkloadSetting, "issuer" | "jwksUrl">): string {
  return jwksUrl ?? `${issuer.replace(/\/$/, "")}${keysPath}`;
}

type WorkerMachine = NonNullable<WorkerSettings["machines"]>[number];
type PublicKey = NonNullable<WorkerMachine["keys"]>[number];
type Rule = NonNullable<WorkerMachine["workloads"]>[number];
type WorkloadSetting = z.infer<typeof workload>;

/** A public key as a JWK (RFC 7517) with nothing but what is needed of it; or, as a text, what is wrong with it. */
function readPublicKey(given: string | Readonly<Record<string, unknown>>): PublicKey | string {
  const isPem = typeof given === "string";
  if (isPem ? given.includes("PRIVATE") : "d" in given) {
    return "is a private key, which nobody but the client may have. Make a new pair, and put only its public key here";
  }
  let key: ReturnType<typeof createPublicKey>;
  try {
    key = createPublicKey(isPem ? given : { key: given as JsonWebKey, format: "jwk" });
  } catch {
    return "must be a public key: PEM (-----BEGIN PUBLIC KEY-----) or a JWK";
  }
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {};
  const isRsa = key.asymmetricKeyType === "rsa" && modulusLength >= fewestBits;
  const isP256 = key.asymmetricKeyType === "ec" && namedCurve === "prime256v1";
  if (!isRsa && !isP256)
    return `must be RSA of ${fewestBits} bits or more, or EC of the curve P-256`;
  const { kty, ...members } = key.export({ format: "jwk" });
  const kid = isPem ? undefined : given.kid;
  return {
    kty: kty === "RSA" ? "RSA" : "EC",
    ...members,
    ...(typeof kid === "string" && { kid }),
  };
}
