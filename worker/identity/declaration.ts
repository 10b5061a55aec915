import * as z from "zod";

/** A secret that a stack has for an identity method: `pulumi config set --secret <name>`. */
export interface SecretDeclaration {
  /** Binding in which the Worker finds it. */
  readonly binding: string;
  readonly description: string;
  /** Whether the method cannot work without it. */
  readonly isNeeded: boolean;
  /** The fewest characters, if people choose it. */
  readonly shortest?: number;
}

/**
 * What a stack is told about an identity method. Infrastructure reads it as well as the Worker, so a
 * method's settings are declared in its own file and nowhere else.
 */
export interface MethodDeclaration {
  /**
   * Plain settings by name, each with `description` and `example`. A stack with this method must have
   * those that are not optional; one with another method must have none.
   */
  readonly settings: Readonly<Record<string, z.ZodType>>;
  readonly secrets: Readonly<Record<string, SecretDeclaration>>;
  /** It lets anybody in and verifies nothing: refused in production, and no allow-list fits it. */
  readonly isOpen: boolean;
  /** It knows which organisations a person belongs to. */
  readonly knowsOrganizations: boolean;
}

/** The declaration's defaults, which fit most methods. */
export const usual = {
  settings: {},
  secrets: {},
  isOpen: false,
  knowsOrganizations: false,
} as const satisfies MethodDeclaration;

/** A host name without scheme and port. */
export const hostname = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
    "must be a host name like app.example.com, in lower case, without https:// and without a port",
  );

/** An address with https. */
export const httpsUrl = z.url({ protocol: /^https$/, error: "must be an https:// URL" });
