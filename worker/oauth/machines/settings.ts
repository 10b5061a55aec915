import * as z from "zod";

/** Which runs of a CI service may act as a machine client. A field that is left out may be anything. */
const workload = z.strictObject({
  /** Who signs what a run says of itself: `iss`. */
  issuer: z.url(),
  /** Where its public keys are (RFC 7517). */
  keysUrl: z.url(),
  /** `acme/orders`. */
  repository: z.string().min(1),
  /** Number of the repository, which no other repository ever has. */
  repositoryId: z.string().min(1).optional(),
  environment: z.string().min(1).optional(),
  branch: z.string().min(1).optional(),
});

/** A client without a person (MCP extension `oauth-client-credentials`), and the ways in which it says who it is. */
const machineClient = z.strictObject({
  /** Its client id. */
  name: z.string().min(1),
  /** The scopes that it may have at most. */
  scopes: z.array(z.string()).min(1),
  /** The endpoint that it may call. */
  resource: z.enum(["mcp", "sse"]),
  /** Public keys (RFC 7517) of what it signs. */
  keys: z.array(z.looseObject({ kty: z.enum(["RSA", "EC"]) })).optional(),
  keysUrl: z.url().optional(),
  workloads: z.array(workload).optional(),
});

/** Every machine client of a stack. Digests of their secrets are in the binding `MACHINE_SECRETS`. */
export const machineClients = z.array(machineClient).min(1);

export type MachineClient = z.infer<typeof machineClient>;

/** Runs of a CI service that may act as one of them. */
export type Workload = z.infer<typeof workload>;
