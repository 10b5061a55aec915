import * as z from "zod";

/**
 * A company's identity provider, or whoever else decides for its people (MCP extension `enterprise-managed-
 * authorization`).
 */
const enterpriseIssuer = z.strictObject({
  /** `iss` of its assertions, character by character. */
  issuer: z.url(),
  /** Where its public keys are (RFC 7517). */
  keysUrl: z.url(),
  /** Clients that may come with its assertions. */
  clientIds: z.array(z.string().min(1)).min(1),
  /** Scopes that its people may have at most. */
  scopes: z.array(z.string().min(1)).min(1),
  /** Domains whose addresses it vouches for. If there are any, nobody else of the company is let in. */
  domains: z.array(z.string()),
  /** Claim that names a person's groups. If left out, its people are in none. */
  groupsClaim: z.string().min(1).optional(),
  /** Whether an assertion that names no scope means all that its people may have. */
  allowNoScope: z.boolean(),
  /** Whether a client without a secret and a key may use its assertions. */
  allowPublicClients: z.boolean(),
});

/** Every such issuer of a stack. */
export const enterpriseIssuers = z.array(enterpriseIssuer).min(1);

export type EnterpriseIssuer = z.infer<typeof enterpriseIssuer>;
