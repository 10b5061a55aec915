/**
 * What the program takes from Cloudflare's Pulumi SDK, by the file that holds it. Whoever imports the package
 * as a whole loads all its 800 files: Node reads every export of a CommonJS module once, lazy ones as well.
 */

export type { types } from "@pulumi/cloudflare";
export { D1Database } from "@pulumi/cloudflare/d1database.js";
export { Provider } from "@pulumi/cloudflare/provider.js";
export { R2Bucket } from "@pulumi/cloudflare/r2bucket.js";
export { WorkersCronTrigger } from "@pulumi/cloudflare/workersCronTrigger.js";
export { WorkersCustomDomain } from "@pulumi/cloudflare/workersCustomDomain.js";
export { WorkersKvNamespace } from "@pulumi/cloudflare/workersKvNamespace.js";
export { WorkersRoute } from "@pulumi/cloudflare/workersRoute.js";
export { WorkersScript } from "@pulumi/cloudflare/workersScript.js";
export { WorkersScriptSubdomain } from "@pulumi/cloudflare/workersScriptSubdomain.js";
export { ZeroTrustAccessApplication } from "@pulumi/cloudflare/zeroTrustAccessApplication.js";
export { ZeroTrustAccessPolicy } from "@pulumi/cloudflare/zeroTrustAccessPolicy.js";
