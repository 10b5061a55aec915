import * as z from "zod";
import { UserError } from "../../errors.ts";
import { exportEncrypted, exportInClear } from "./export-state.ts";
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
 * @param opensSecrets whether secrets in it come in clear, which needs the stack's passphrase or key.
 * Never write or print such a one.
 * @throws UserError where it is not there, or the backend or the state cannot be read.
 */
export async function readResources(
  name: string,
  opensSecrets = false,
): Promise<readonly StateResource[]> {
  await providePulumi();
  const { deployment } = await (opensSecrets ? exportInClear(name) : exportEncrypted(name));
  const { data } = state.safeParse(deployment);
  if (data !== undefined) return data.resources ?? [];
  throw new UserError(
    `--stack: the state of "${name}" has a form that this command does not know. \`npx pulumi stack export -s ${name}\` shows it.`,
  );
}
