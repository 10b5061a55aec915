/** Type tokens of the resources that a stack of this project has, as Pulumi's state and events name them. */
export const resourceType = {
  worker: "cloudflare:index/workersScript:WorkersScript",
  namespace: "cloudflare:index/workersKvNamespace:WorkersKvNamespace",
  subdomain: "cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain",
  cron: "cloudflare:index/workersCronTrigger:WorkersCronTrigger",
  domain: "cloudflare:index/workersCustomDomain:WorkersCustomDomain",
  route: "cloudflare:index/workersRoute:WorkersRoute",
  database: "cloudflare:index/d1Database:D1Database",
  bucket: "cloudflare:index/r2Bucket:R2Bucket",
  application: "cloudflare:index/zeroTrustAccessApplication:ZeroTrustAccessApplication",
  policy: "cloudflare:index/zeroTrustAccessPolicy:ZeroTrustAccessPolicy",
  stash: "pulumi:index:Stash",
} as const;

/** Type token of a stack itself, which has its outputs. */
export const stackType = "pulumi:pulumi:Stack";

/** Type token of the component that holds all of them. A deployed stack's resources are named by it. */
export const componentType = "remote-mcp-server:index:RemoteMcpServer";
