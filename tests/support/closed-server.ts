import type { Json } from "../../scripts/runtime/worker-spec.ts";
import { workerSettings } from "../../worker/env.ts";
import { type StackServer, startStackServer } from "./stack-server.ts";

/**
 * A stack that lets in nobody whom the demo can vouch for. Its settings refuse that ("demo" verifies
 * no address), so they are given to the Worker past them: for the page that a refused person sees.
 */
export function startClosedServer(): Promise<StackServer> {
  return startStackServer({
    async change(spec) {
      const bindings = spec.bindings.map((binding) => {
        if (binding.name !== "SETTINGS" || binding.type !== "json") return binding;
        const settings = workerSettings.parse(binding.json);
        const allowed = { ...settings.allowed, emails: ["owner@example.com"] };
        return { ...binding, json: { ...settings, allowed } as unknown as Json };
      });
      return { ...spec, bindings };
    },
  });
}
