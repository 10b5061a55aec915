import { randomBytes } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/** Bytes of a generated key: as many as the output of HMAC-SHA256. */
const keyBytes = 32;

/** Bytes of a generated password: beyond guessing, and short enough to be pasted at ease. */
const passwordBytes = 18;

/** The keys of a stack. Each is generated once and kept encrypted in the stack's state. */
export interface Keys {
  /** Key of people's ids. Never rotates: people's data hangs on it. */
  readonly subjectKey: pulumi.Output<string>;
  /** Sign the cookie of a signed-in person; the current key and the one before, as `worker/keys.ts` reads them. */
  readonly sessionKeys: pulumi.Output<string>;
  /** Sign what a browser remembers of a consent; in the same form. */
  readonly consentKeys: pulumi.Output<string>;
  /** The demo's one password, where the stack makes it itself. It stays until the stack goes. */
  readonly demoPassword?: pulumi.Output<string>;
}

/** How keys are made. */
export interface KeyParts {
  /** Rises by one with each rotation, from 1. */
  readonly generation: number;
  /** Whether the key that cannot be made again is protected from deletion. */
  readonly protect: boolean;
  /** Whether the demo needs a password that nobody has set. */
  readonly needsDemoPassword: boolean;
  /** What must stand before a key may be made. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/** Generates the keys that the stack does not have yet. */
export function createKeys(parent: pulumi.Resource, parts: KeyParts): Keys {
  const { protect, needsDemoPassword } = parts;
  return {
    subjectKey: createKey("subject-key", { parent, protect, retainOnDelete: protect }),
    sessionKeys: createKeyRing("session-key", parent, parts),
    consentKeys: createKeyRing("consent-key", parent, parts),
    ...(needsDemoPassword && {
      demoPassword: createKey("demo-password", { parent }, passwordBytes),
    }),
  };
}

/**
 * Why `keyGeneration` may not go from `last` to `next`, or undefined where it may. A step of two
 * would drop the key of the generation between, and sign out everybody it signed in.
 */
export function refuseGeneration(last: number, next: number): string | undefined {
  if (next === last || next === last + 1) return undefined;
  const [words, wayOut] =
    next < last
      ? ["go back", `Leave it at ${last}, or set it to ${last + 1} to rotate.`]
      : ["jump", `Set it to ${last + 1}, run \`npx pulumi up -s <stack>\`, and go on from there.`];
  return `keyGeneration: it cannot ${words} from ${last} to ${next}: the Worker accepts the keys of one generation before, so everybody would be signed out. ${wayOut}`;
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
): pulumi.Output<string> {
  const input = pulumi.secret(randomBytes(bytes).toString("base64url"));
  const stash = new pulumi.Stash(name, { input }, { ...options, ignoreChanges: ["input"] });
  return pulumi.secret(stash.output.apply(String));
}
