import type { Migrations } from "./durable-objects.ts";

/**
 * A binding of the Worker as the program declares it, with those of its members that are no secret and are
 * known before anything is made, as a class, a limit, or the id of a database that is there.
 */
export interface DeclaredProgramBinding {
  readonly name: string;
  /** As `kv_namespace`; `inherit` for one that is kept from the version before. */
  readonly type: string;
  /** The settings, of the binding that holds them. No secret is among them. */
  readonly json?: string;
  readonly [member: string]: unknown;
}

/**
 * What the program declares, as it says itself. The engine's events do not show it all: a property is
 * hidden there as a whole as soon as a secret is anywhere in it, as in the bindings.
 */
export interface DeclaredProgram {
  readonly scriptName: string;
  /** Public base URL without a slash at the end. */
  readonly origin: string;
  /** SHA-256 of the bundle, in hex. */
  readonly sha256: string;
  /** Where the bundle comes from, as `0.1.0 4f2c…`. */
  readonly source: string;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly bindings: readonly DeclaredProgramBinding[];
  /** Steps in the life of the Durable Object classes that the deployed Worker does not have yet. */
  readonly migrations: Migrations | undefined;
}
