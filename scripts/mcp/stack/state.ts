import * as z from "zod";
import { exportEncrypted } from "./export-state.ts";
import { providePulumi } from "./provide-pulumi.ts";

/** A resource in a stack's state, as far as the commands read it. Secrets are in it encrypted. */
const stateResource = z.object({
  urn: z.string(),
  type: z.string(),
  id: z.string().optional(),
  protect: z.boolean().optional(),
  retainOnDelete: z.boolean().optional(),
  inputs: z.record(z.string(), z.unknown()).optional(),
  outputs: z.record(z.string(), z.unknown()).optional(),
});
const state = z.object({ resources: z.array(stateResource).nullish() });

/** The same with everything else that is in it. */
export const looseState = z.looseObject({
  resources: z.array(z.looseObject({ ...stateResource.shape })).nullish(),
});

/** A resource in a stack's state. */
export type StateResource = z.infer<typeof stateResource>;

/**
 * What a stack's state holds, without opening it: the person's own choice of a stack stays.
 * @throws UserError where it is not there, or the backend cannot be read.
 */
export async function readResources(name: string): Promise<readonly StateResource[]> {
  await providePulumi();
  return state.parse((await exportEncrypted(name)).deployment).resources ?? [];
}
