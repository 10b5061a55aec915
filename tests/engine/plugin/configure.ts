import type { LoopbackApi } from "../../traffic/loopback-api.ts";
import { Provider } from "./provider.ts";

/** Nothing of a refused call may show it. */
export const token = "a-token-that-nobody-may-see";

/** A provider before an API on loopback, which waits for nothing between its tries. */
export function configureProvider({ baseUrl }: Pick<LoopbackApi, "baseUrl">): Provider {
  const provider = new Provider();
  const environment = {
    CLOUDFLARE_BASE_URL: baseUrl,
    CLOUDFLARE_API_TOKEN: token,
    PLUGIN_RETRY_SCALE: "0",
  };
  provider.configure({}, environment);
  return provider;
}
