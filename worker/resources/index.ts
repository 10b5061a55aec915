import type { ResourceDefinition } from "../kit/index.ts";
import type { Scope } from "../scopes.ts";
import constants from "./constants.ts";
import history from "./history.ts";

/** Every resource and template of this server, in the order the lists give them. */
export const resources: readonly ResourceDefinition<Scope>[] = [history, constants];
