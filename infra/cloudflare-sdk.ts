import { createRequire, registerHooks } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);

/** The resources of the API that this project asks for, by the SDK's file that holds each. */
interface Resources {
  "d1/database/database": typeof import("cloudflare/resources/d1/database/database");
  "dns/records": typeof import("cloudflare/resources/dns/records");
  "durable-objects/namespaces/namespaces": typeof import("cloudflare/resources/durable-objects/namespaces/namespaces");
  "kv/namespaces/namespaces": typeof import("cloudflare/resources/kv/namespaces/namespaces");
  "r2/buckets/buckets": typeof import("cloudflare/resources/r2/buckets/buckets");
  "r2/buckets/objects": typeof import("cloudflare/resources/r2/buckets/objects");
  "workers/beta/workers/versions": typeof import("cloudflare/resources/workers/beta/workers/versions");
  "workers/domains": typeof import("cloudflare/resources/workers/domains");
  "workers/routes": typeof import("cloudflare/resources/workers/routes");
  "workers/scripts/scripts": typeof import("cloudflare/resources/workers/scripts/scripts");
  "workers/subdomains": typeof import("cloudflare/resources/workers/subdomains");
  "zero-trust/access/applications/applications": typeof import("cloudflare/resources/zero-trust/access/applications/applications");
  "zero-trust/access/policies": typeof import("cloudflare/resources/zero-trust/access/policies");
  "zones/zones": typeof import("cloudflare/resources/zones/zones");
}

let loaded: ReturnType<typeof load> | undefined;

/**
 * Cloudflare's SDK: what makes a client, and its errors, which are known by class. Loaded when a call is made, as not
 * every run makes one; and in its form for `require`, which Node loads in two thirds of the time.
 */
export function loadCloudflareSdk(): ReturnType<typeof load> {
  loaded ??= load();
  return loaded;
}

/** A client of Cloudflare's API with the resources that this project asks for. */
export type CloudflareClient = ReturnType<ReturnType<typeof load>["createClient"]>;

function load() {
  const { createClient } = loadFactory();
  const resources = [
    part("d1/database/database").BaseDatabase,
    part("dns/records").Records,
    part("durable-objects/namespaces/namespaces").Namespaces,
    part("kv/namespaces/namespaces").Namespaces,
    part("r2/buckets/buckets").BaseBuckets,
    part("r2/buckets/objects").Objects,
    part("workers/beta/workers/versions").Versions,
    part("workers/domains").Domains,
    part("workers/routes").Routes,
    part("workers/scripts/scripts").Scripts,
    part("workers/subdomains").Subdomains,
    part("zero-trust/access/applications/applications").BaseApplications,
    part("zero-trust/access/policies").Policies,
    part("zones/zones").BaseZones,
  ] as const;
  type Options = Omit<Parameters<typeof createClient>[0], "resources">;
  return {
    createClient: (options: Options) => createClient({ ...options, resources }),
    ...(require("cloudflare/error") as typeof import("cloudflare/error")),
  };
}

function part<Path extends keyof Resources>(path: Path): Resources[Path] {
  return require(`cloudflare/resources/${path}`) as Resources[Path];
}

/**
 * The SDK's maker of clients with chosen resources. Its file holds the client with all of them, too, and so would load
 * 1,100 files, which takes a third of a second. Nobody makes that client here: its resources are left out.
 */
function loadFactory(): typeof import("cloudflare/tree-shakable") {
  const [client, other] = ["cloudflare/client.js", "cloudflare/version.js"].map(
    (name) => pathToFileURL(require.resolve(name)).href,
  );
  const hooks = registerHooks({
    resolve(name, context, next) {
      const isLeftOut = context.parentURL === client && name.startsWith("./resources/");
      // Any file that is loaded anyway: nothing is taken from it by these names.
      return isLeftOut && other !== undefined
        ? { url: other, format: "commonjs", shortCircuit: true }
        : next(name, context);
    },
  });
  try {
    return require("cloudflare/tree-shakable") as typeof import("cloudflare/tree-shakable");
  } finally {
    hooks.deregister();
  }
}
