import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/**
 * Cloudflare's SDK, which is 900 files. Loaded when a call is made, as not every run makes one; and in its form for
 * `require`, which Node loads in two thirds of the time. There is one copy in a process: its errors are known by class.
 */
export function loadCloudflareSdk(): typeof import("cloudflare") {
  return require("cloudflare") as typeof import("cloudflare");
}
