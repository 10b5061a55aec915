import { randomBytes } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/** Bytes of a generated key: as many as the output of HMAC-SHA256. */
const keyBytes = 32;

/** The keys of a stack. Each is generated once and kept encrypted in the stack's state. */
export interface Keys {
  /** Key of people's ids. Never rotates: people's data hangs on it. */
  readonly subjectKey: pulumi.Output<string>;
  /** Signs the cookie of a signed-in person. */
  readonly sessionKey: pulumi.Output<string>;
}

/** Generates the keys that the stack does not have yet. */
export function createKeys(parent: pulumi.Resource): Keys {
  return {
    subjectKey: createKey("subject-key", parent),
    sessionKey: createKey("session-key", parent),
  };
}

/**
 * A Stash keeps the first value it was given: each run makes a new random input, which
 * `ignoreChanges` throws away.
 */
function createKey(name: string, parent: pulumi.Resource): pulumi.Output<string> {
  const input = pulumi.secret(randomBytes(keyBytes).toString("base64url"));
  const stash = new pulumi.Stash(name, { input }, { parent, ignoreChanges: ["input"] });
  return pulumi.secret(stash.output.apply(String));
}
