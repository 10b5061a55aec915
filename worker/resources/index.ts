import constants from "./constants.ts";
import type { ResourceDefinition } from "./define-resource.ts";
import history from "./history.ts";

/** Every resource and template of this server, in the order the lists give them. */
export const resources: readonly ResourceDefinition[] = [history, constants];
