import { type ApiError, fail } from "./api-error.ts";

/** What Cloudflare has and the local cloud has not: path below an account, what it is, and wrangler's commands for it. */
export const absentProducts: readonly (readonly [
  path: RegExp,
  product: string,
  commands: readonly string[],
])[] = [
  [/^queues/, "Queues", ["queues"]],
  [/^workflows/, "Workflows", ["workflows"]],
  [/^workers\/scripts\/[^/]+\/tails/, "live logs", ["tail"]],
  [/^workers\/(scripts\/[^/]+\/)?assets/, "static assets", ["deploy --assets"]],
  [/^workers\/dispatch/, "Workers for Platforms", ["dispatch-namespace"]],
  [/^workers\/(workers|scripts)\/[^/]+\/previews/, "previews of a Worker", ["preview"]],
  [/^workers\/(observability|telemetry)/, "stored logs", []],
  [/^(containers|cloudchamber)/, "Containers", ["containers"]],
  [/^hyperdrive/, "Hyperdrive", ["hyperdrive"]],
  [/^vectorize/, "Vectorize", ["vectorize"]],
  [/^pages/, "Pages", ["pages"]],
  [/^secrets_store/, "the Secrets Store", ["secrets-store"]],
  [/^pipelines/, "Pipelines", ["basin"]],
  [/^r2-catalog/, "R2's data catalog", ["r2 bucket catalog"]],
  [
    /^r2\/buckets\/[^/]+\/objects/,
    "R2 objects over the API (Workers read and write them)",
    ["r2 object"],
  ],
  [/^r2\/buckets\/[^/]+\/./, "settings of R2 buckets", ["r2 bucket lifecycle", "r2 bucket cors"]],
  [
    /^d1\/database\/[^/]+\/(time_travel|export|import|dump)/,
    "D1's exports and time travel",
    ["d1 export", "d1 time-travel"],
  ],
  [/^(ai-search|autorag)/, "AI Search", ["ai-search"]],
  [/^ai\b/, "Workers AI", ["ai"]],
  [/^browser-rendering/, "Browser Run", ["browser"]],
  [/^mtls_certificates/, "client certificates", ["cert", "mtls-certificate"]],
  [/^challenges\/widgets/, "Turnstile", ["turnstile"]],
  [/^(cfd_tunnel|tunnels)/, "Cloudflare Tunnel", ["tunnel"]],
  [/^connectivity/, "VPC services", ["vpc"]],
  [/^email/, "Email services", ["email"]],
  [
    /^(flagship|agent-memory|artifacts|k2|event_subscriptions|builds)/,
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
  return fail(
    404,
    7003,
    `Could not route to ${path}: the local cloud does not have ${what}. docs/local-cloud.md, "What it is not", lists what is missing; Cloudflare itself may have it.`,
  );
}
