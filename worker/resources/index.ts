import type { ResourceDefinition } from "./define-resource.ts";

/** Every resource of this server, in the order the lists give them. */
export const resources: readonly ResourceDefinition[] = [];
