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

/** Type token of what one stack reads of another. Stacks that an earlier version deployed have one. */
export const referenceType = "pulumi:pulumi:StackReference";

/** Whether a resource is the engine's own: a stack, a reference or a provider. It is no part of an environment. */
export function isPlumbing(type: string): boolean {
  return /^pulumi:(?:pulumi|providers):/.test(type);
}

/** Type token of the component that holds all of them. A deployed stack's resources are named by it. */
export const componentType = "remote-mcp-server:index:RemoteMcpServer";
