import { randomBytes } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { writeDigests } from "./machine-clients.ts";

/** Bytes of a generated key: as many as the output of HMAC-SHA256. */
const keyBytes = 32;

/** Bytes of a generated password: beyond guessing, and short enough to be pasted at ease. */
const passwordBytes = 18;

/** The keys of a stack. Each is generated once and kept encrypted in the stack's state. */
export interface Keys {
  /** Key of people's ids. Never rotates: it determines where people's data is stored. */
  readonly subjectKey: pulumi.Output<string>;
  /** Sign the cookie of a signed-in person; the current key and the one before, as `worker/keys.ts` reads them. */
  readonly sessionKeys: pulumi.Output<string>;
  /** Sign what a browser remembers of a consent; in the same form. */
  readonly consentKeys: pulumi.Output<string>;
  /** The demo's one password, if the stack makes it itself. It stays until the stack goes. */
  readonly demoPassword?: pulumi.Output<string>;
  /** The secrets of machine clients, by name, in the order of their numbers. Undefined if no client has one. */
  readonly machineSecrets?: MachineSecrets;
}

/** Secrets by the name of the machine client. */
export type MachineSecrets = Readonly<Record<string, readonly pulumi.Output<string>[]>>;

/** Begins the secret of a machine client, so that a scanner finds one that went astray. */
const machineSecretPrefix = "mcps_";

export interface KeyParts {
  /** Rises by one with each rotation, from 1. */
  readonly generation: number;
  /** Whether the key that cannot be made again is protected from deletion. */
  readonly protect: boolean;
  /** Whether the demo needs a password that nobody has set. */
  readonly needsDemoPassword: boolean;
  /** Machine clients with the numbers of their secrets: one that goes is deleted, and never comes back. */
  readonly machineClients: readonly {
    readonly name: string;
    readonly secrets?: readonly number[] | undefined;
  }[];
  /** Resources that must exist before a key may be made. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/** Generates the keys that the stack does not have yet. */
export function createKeys(parent: pulumi.Resource, parts: KeyParts): Keys {
  const { protect, needsDemoPassword } = parts;
  const machineSecrets = createMachineSecrets(parent, parts);
  return {
    subjectKey: createKey("subject-key", { parent, protect, retainOnDelete: protect }),
    sessionKeys: createKeyRing("session-key", parent, parts),
    consentKeys: createKeyRing("consent-key", parent, parts),
    ...(needsDemoPassword && {
      demoPassword: createKey("demo-password", { parent }, passwordBytes),
    }),
    ...(Object.keys(machineSecrets).length > 0 && { machineSecrets }),
  };
}

/**
 * Why `keyGeneration` may not go from `last` to `next`, or undefined if it may. A step of two
 * would drop the key of the generation between, and sign out everybody it signed in.
 */
export function refuseGeneration(last: number, next: number): string | undefined {
  if (next === last || next === last + 1) return undefined;
  const [words, wayOut] =
    next < last
      ? ["go back", `Leave it at ${last}, or set it to ${last + 1} to rotate.`]
      : [
          "jump",
          `Set it to ${last + 1}, run \`npx pulumi up -s <stack>\`, and continue from there.`,
        ];
  return `keyGeneration: it cannot ${words} from ${last} to ${next}: the Worker accepts the keys of one generation before, so everybody would be signed out. ${wayOut}`;
}

/** A secret for each number. Which one was made first does not matter: a number is a name, and no time. */
function createMachineSecrets(
  parent: pulumi.Resource,
  { machineClients, dependsOn }: KeyParts,
): MachineSecrets {
  const entries = machineClients.flatMap(({ name, secrets = [] }) => {
    if (secrets.length === 0) return [];
    const numbers = secrets.toSorted((one, other) => one - other);
    const values = numbers.map((number) => {
      const options = { parent, dependsOn: [...dependsOn] };
      return createKey(`machine-secret-${name}-${number}`, options, keyBytes, machineSecretPrefix);
    });
    return [[name, values] as const];
  });
  return Object.fromEntries(entries);
}

/** The secret of the highest number of each client, by its name: what a client is to use now. */
export function listNewest(
  secrets: MachineSecrets,
): pulumi.Output<Readonly<Record<string, string>>> {
  const newest = Object.entries(secrets).map(([name, values]) => [name, values.at(-1) ?? ""]);
  return pulumi.secret(pulumi.output(Object.fromEntries(newest) as Record<string, string>));
}

/** SHA-256 of each secret, as the Worker reads them: 256 random bits cannot be guessed from it. */
export function digestSecrets(secrets: MachineSecrets): pulumi.Output<string> {
  const all = pulumi.all(
    Object.fromEntries(
      Object.entries(secrets).map(([name, values]) => [name, pulumi.all([...values])]),
    ),
  );
  return pulumi.secret(all.apply(writeDigests));
}

/** The key of this generation and that of the one before. The one before that is deleted. */
function createKeyRing(
  name: string,
  parent: pulumi.Resource,
  { generation, dependsOn }: KeyParts,
): pulumi.Output<string> {
  const create = (number: number) =>
    createKey(`${name}-${number}`, {
      parent,
      dependsOn: [...dependsOn],
      // The first one had no number before keys rotated.
      ...(number === 1 && { aliases: [{ name }] }),
    });
  const current = create(generation);
  if (generation === 1) return current;
  const ring = pulumi.all([current, create(generation - 1)]);
  return pulumi.secret(ring.apply((keys) => keys.join(" ")));
}

/**
 * A Stash keeps the first value it was given: each run makes a new random input, which
 * `ignoreChanges` throws away.
 */
function createKey(
  name: string,
  options: pulumi.CustomResourceOptions,
  bytes = keyBytes,
  prefix = "",
): pulumi.Output<string> {
  const input = pulumi.secret(prefix + randomBytes(bytes).toString("base64url"));
  const stash = new pulumi.Stash(name, { input }, { ...options, ignoreChanges: ["input"] });
  return pulumi.secret(stash.output.apply(String));
}
