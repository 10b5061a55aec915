import type { Cloudflare } from "cloudflare";
import * as z from "zod";

const deploymentList = z.object({
  result: z.object({
    deployments: z.array(z.object({ versions: z.array(z.object({ version_id: z.string() })) })),
  }),
});

/**
 * Id of the version of a Worker that serves; undefined where none was deployed.
 * @throws the SDK's NotFoundError where there is no such Worker.
 */
export async function readServingVersion(
  client: Cloudflare,
  accountId: string,
  scriptName: string,
): Promise<string | undefined> {
  // The SDK's own list looks for them in another place.
  const path = `/accounts/${accountId}/workers/scripts/${scriptName}/deployments`;
  const [newest] = deploymentList.parse(await client.get(path)).result.deployments;
  return newest?.versions[0]?.version_id;
}
