/**
 * Lets Node load the Worker's OAuth code. The OAuth library, and Durable Objects beside it, extend base
 * classes of `cloudflare:workers`, a module that only workerd has. Nothing that an operator calls makes
 * one, so empty classes do. Only this specifier is answered: anything else that Node lacks still fails.
 */
import { registerHooks } from "node:module";

const specifier = "cloudflare:workers";
const source = "export class WorkerEntrypoint {} export class DurableObject {}";

registerHooks({
  resolve: (name, context, next) =>
    name === specifier ? { url: specifier, shortCircuit: true } : next(name, context),
  load: (url, context, next) =>
    url === specifier ? { format: "module", source, shortCircuit: true } : next(url, context),
});

/** The Worker's own module; loaded late, when the hooks are there. */
export const { createAuthorizationServer } = await import(
  "../../../worker/oauth/authorization-server.ts"
);
