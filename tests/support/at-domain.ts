import type { WorkerSpec } from "../../scripts/runtime/worker-spec.ts";

/** Lets the Worker of a stack believe that it is asked at another origin, as behind a custom domain. */
export function atDomain(origin: string): (spec: WorkerSpec) => Promise<WorkerSpec> {
  return async (spec) => {
    const [main] = spec.modules;
    const contents = `
import * as worker from "./${main?.name}";
export * from "./${main?.name}";
export default {
  ...worker.default,
  fetch(request, env, ctx) {
    const { pathname, search } = new URL(request.url);
    const asked = new Request("${origin}" + pathname + search, request);
    asked.headers.set("host", "${new URL(origin).host}");
    return worker.default.fetch(asked, env, ctx);
  },
};`;
    return {
      ...spec,
      modules: [{ name: "domain.js", type: "ESModule", contents }, ...spec.modules],
      bindings: spec.bindings.map((binding) =>
        binding.type === "json" && binding.name === "SETTINGS"
          ? { ...binding, json: { ...(binding.json as object), origin } }
          : binding,
      ),
    };
  };
}
