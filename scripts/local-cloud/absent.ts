import { type ApiError, fail } from "./api-error.ts";

/** Products that the local cloud does not have: path below an account, name, and wrangler's commands for it. */
export const absentProducts: readonly (readonly [
  path: RegExp,
  product: string,
  commands: readonly string[],
])[] = [
  [/^(queues|event_subscriptions)/, "Queues", ["queues"]],
  [/^workflows/, "Workflows", ["workflows"]],
  [/^workers\/scripts\/[^/]+\/tails/, "live logs", ["tail"]],
  [/^workers\/(scripts\/[^/]+\/)?assets/, "static assets", ["deploy --assets"]],
  [/^workers\/dispatch/, "Workers for Platforms", ["dispatch-namespace"]],
  [/^workers\/(workers|scripts)\/[^/]+\/previews/, "previews of a Worker", ["preview"]],
  [/^workers\/(observability|telemetry)/, "stored logs", []],
  [/^(containers|cloudchamber)/, "Containers", ["containers", "cloudchamber"]],
  [/^hyperdrive/, "Hyperdrive", ["hyperdrive"]],
  [/^vectorize/, "Vectorize", ["vectorize"]],
  [/^pages/, "Pages", ["pages"]],
  [/^secrets_store/, "the Secrets Store", ["secrets-store"]],
  [/^pipelines/, "Pipelines", ["basin", "pipelines", "r2 sql"]],
  [/^r2-catalog/, "R2's data catalog", ["r2 bucket catalog"]],
  [
    /^r2\/buckets\/[^/]+\/objects/,
    "R2 objects over the API (Workers read and write them)",
    ["r2 object get", "r2 object put", "r2 bulk"],
  ],
  [
    /^r2\/buckets\/[^/]+\/./,
    "settings of R2 buckets",
    [
      ...["r2 bucket cors", "r2 bucket dev-url", "r2 bucket domain", "r2 bucket lifecycle"],
      ...["r2 bucket local-uploads", "r2 bucket lock", "r2 bucket sippy"],
    ],
  ],
  [/^event_notifications/, "event notifications of R2 buckets", ["r2 bucket notification"]],
  [
    /^d1\/database\/[^/]+\/(time_travel|export|import|dump)/,
    "D1's exports and time travel",
    ["d1 export", "d1 time-travel"],
  ],
  [/^\/graphql/, "analytics (what d1 info and r2 bucket info count is 0)", ["d1 insights"]],
  [/^(ai-search|autorag)/, "AI Search", ["ai-search"]],
  [/^ai\b/, "Workers AI", ["ai"]],
  [/^browser-rendering/, "Browser Run", ["browser"]],
  [/^mtls_certificates/, "client certificates", ["cert", "mtls-certificate"]],
  [/^challenges\/widgets/, "Turnstile", ["turnstile"]],
  [/^(cfd_tunnel|tunnels)/, "Cloudflare Tunnel", ["tunnel"]],
  [/^connectivity/, "VPC services", ["vpc"]],
  [/^email/, "Email services", ["email"]],
  [
    /^(flagship|agent-memory|artifacts|k2|builds)/,
    "products in beta",
    ["flagship", "agent-memory", "artifacts", "k2"],
  ],
];

/** The answer to a call of something that is not here: words that wrangler and the SDKs show to a person. */
export function refuseAbsent(method: string, pathname: string): ApiError {
  const path = pathname.replace(/^\/client\/v4(?=\/)/, "");
  const below = path.replace(/^\/(accounts|zones)\/[^/]+\//, "");
  const [, product] = absentProducts.find(([pattern]) => pattern.test(below)) ?? [];
  const what = product === undefined ? `an endpoint for ${method} ${path}` : product;
  // For an object, wrangler takes 404 to mean that the bucket has none of this name.
  const isObject = /^r2\/buckets\/[^/]+\/objects\//.test(below);
  return fail(
    isObject ? 501 : 404,
    7003,
    `Could not route to ${path}: the local cloud does not have ${what}. docs/local-cloud.md, "What it is not", lists what is missing; Cloudflare itself may have it.`,
  );
}
