import * as z from "zod";
import { fail } from "../api-error.ts";
import type { Script } from "../records.ts";
import { answer, type Call, createRoutes } from "../route.ts";
import { findScript } from "./script-views.ts";

const accountBody = z.object({
  subdomain: z.string().regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, "must be one name of a domain"),
});
const scriptBody = z.object({ enabled: z.boolean(), previews_enabled: z.boolean().optional() });

/** The account's name under workers.dev, and whether a Worker is served there. */
export const subdomainRoutes = createRoutes("Workers Scripts", "/accounts/:account/workers", [
  ["GET", "/subdomain", getAccountSubdomain],
  ["PUT", "/subdomain", putAccountSubdomain],
  ["DELETE", "/subdomain", deleteAccountSubdomain],
  ["GET", "/scripts/:script/subdomain", (call) => answer(show(findScript(call)))],
  ["POST", "/scripts/:script/subdomain", postScriptSubdomain],
  ["DELETE", "/scripts/:script/subdomain", deleteScriptSubdomain],
]);

function getAccountSubdomain({ account }: Call) {
  if (account.subdomain !== undefined) return answer({ subdomain: account.subdomain });
  throw fail(404, 10007, "You need a workers.dev subdomain in order to proceed.");
}

async function putAccountSubdomain(call: Call) {
  const { subdomain } = await call.json(accountBody);
  const { accounts } = call.cloud.records;
  if (accounts.list((each) => each.subdomain === subdomain && each.id !== call.account.id)[0]) {
    throw fail(409, 10031, `The subdomain ${subdomain} is taken.`);
  }
  accounts.put({ ...call.account, subdomain });
  return answer({ subdomain });
}

function deleteAccountSubdomain({ cloud, account }: Call) {
  cloud.records.accounts.put({ ...account, subdomain: undefined });
  return answer(null);
}

async function postScriptSubdomain(call: Call) {
  const { enabled, previews_enabled } = await call.json(scriptBody);
  const script = findScript(call);
  if (enabled && call.account.subdomain === undefined) {
    throw fail(400, 10063, "You need a workers.dev subdomain in order to proceed.");
  }
  return put(call, script, {
    enabled,
    previewsEnabled: previews_enabled ?? script.subdomain.previewsEnabled,
  });
}

function deleteScriptSubdomain(call: Call) {
  return put(call, findScript(call), { enabled: false, previewsEnabled: false });
}

function put({ cloud }: Call, script: Script, subdomain: Script["subdomain"]) {
  return answer(show(cloud.records.scripts.put({ ...script, subdomain })));
}

function show({ subdomain }: Script) {
  return { enabled: subdomain.enabled, previews_enabled: subdomain.previewsEnabled };
}
