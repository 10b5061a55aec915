import type { ResourceType } from "../resource-type.ts";
import { d1Database } from "./d1-database.ts";
import { r2Bucket } from "./r2-bucket.ts";
import { workersCronTrigger } from "./workers-cron-trigger.ts";
import { workersCustomDomain } from "./workers-custom-domain.ts";
import { workersKv } from "./workers-kv.ts";
import { workersKvNamespace } from "./workers-kv-namespace.ts";
import { workersRoute } from "./workers-route.ts";
import { workersScript } from "./workers-script.ts";
import { workersScriptSubdomain } from "./workers-script-subdomain.ts";
import { zeroTrustAccessApplication } from "./zero-trust-access-application.ts";
import { zeroTrustAccessPolicy } from "./zero-trust-access-policy.ts";

/** Every type of resource that the stand-in knows, by its Pulumi token. */
const resourceTypes: Readonly<Record<string, ResourceType>> = {
  "cloudflare:index/d1Database:D1Database": d1Database,
  "cloudflare:index/r2Bucket:R2Bucket": r2Bucket,
  "cloudflare:index/workersCronTrigger:WorkersCronTrigger": workersCronTrigger,
  "cloudflare:index/workersCustomDomain:WorkersCustomDomain": workersCustomDomain,
  "cloudflare:index/workersKv:WorkersKv": workersKv,
  "cloudflare:index/workersKvNamespace:WorkersKvNamespace": workersKvNamespace,
  "cloudflare:index/workersRoute:WorkersRoute": workersRoute,
  "cloudflare:index/workersScript:WorkersScript": workersScript,
  "cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain": workersScriptSubdomain,
  "cloudflare:index/zeroTrustAccessApplication:ZeroTrustAccessApplication":
    zeroTrustAccessApplication,
  "cloudflare:index/zeroTrustAccessPolicy:ZeroTrustAccessPolicy": zeroTrustAccessPolicy,
};

/** The type of a resource. @throws Error where the stand-in was not taught it. */
export function findResourceType(token: string): ResourceType {
  const type = resourceTypes[token];
  if (type !== undefined) return type;
  throw new Error(
    `The stand-in for the Cloudflare provider has no ${token}. Add it to tests/engine/plugin/resources.`,
  );
}
