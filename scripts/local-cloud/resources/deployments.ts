import * as z from "zod";
import { fail } from "../api-error.ts";
import { deploy } from "../deploy.ts";
import type { Deployment, Script } from "../records.ts";
import { answer, type Call, createRoutes } from "../route.ts";
import { findScript, readSource } from "./script-views.ts";

const body = z.object({
  strategy: z.literal("percentage"),
  versions: z
    .array(z.object({ version_id: z.string(), percentage: z.number().min(0).max(100) }))
    .min(1)
    .max(2),
  annotations: z.record(z.string(), z.string()).nullish(),
});

/** Which versions of a Worker serve, and served before. */
export const deploymentRoutes = createRoutes(
  "Workers Scripts",
  "/accounts/:account/workers/scripts/:script/deployments",
  [
    ["GET", "", listDeployments],
    ["POST", "", createDeployment],
    ["GET", "/:deployment", (call) => answer(show(findDeployment(call)))],
    ["DELETE", "/:deployment", deleteDeployment],
  ],
);

function listDeployments(call: Call) {
  return answer({ deployments: call.cloud.listDeployments(findScript(call)).map(show) });
}

async function createDeployment(call: Call) {
  const { versions, annotations } = await call.json(body);
  const { cloud, account, params } = call;
  return cloud.locks.run(`${account.id}/${params.script}`, async () => {
    const script = findScript(call);
    checkVersions(call, script, versions);
    const deployment = cloud.store.change(() => {
      const source = readSource(call);
      const deployed = cloud.records.scripts.put({ ...script, lastDeployedFrom: source });
      return deploy(cloud, deployed, versions, {
        source,
        annotations: { "workers/triggered_by": "deployment", ...annotations },
      });
    });
    cloud.reload();
    cloud.tellDeployed(script);
    return answer(show(deployment));
  });
}

function checkVersions({ cloud }: Call, script: Script, versions: Deployment["versions"]): void {
  const sum = versions.reduce((total, { percentage }) => total + percentage, 0);
  if (sum !== 100) throw fail(400, 10021, `versions: the percentages make ${sum}, not 100.`);
  for (const { version_id } of versions) {
    const version = cloud.records.versions.get(version_id);
    if (version?.script !== script.tag) {
      throw fail(404, 100146, `The requested Worker version could not be found: ${version_id}.`);
    }
  }
}

function findDeployment(call: Call): Deployment {
  const script = findScript(call);
  const found = call.cloud.records.deployments.get(call.params.deployment ?? "");
  if (found?.script === script.tag) return found;
  throw fail(404, 10336, "The requested deployment could not be found.");
}

function deleteDeployment(call: Call) {
  const found = findDeployment(call);
  const [newest] = call.cloud.listDeployments(findScript(call));
  if (newest?.id === found.id) {
    throw fail(400, 10336, "The deployment that serves cannot be deleted.");
  }
  call.cloud.records.deployments.delete(found);
  return answer(null);
}

function show({ id, createdOn, source, annotations, versions }: Deployment) {
  return {
    id,
    source,
    strategy: "percentage",
    author_email: "local@example.com",
    annotations,
    versions,
    created_on: createdOn,
  };
}
