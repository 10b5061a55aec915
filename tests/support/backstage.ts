import type { WorkerSpec } from "../../scripts/runtime/worker-spec.ts";

const laterHeader = "x-backstage-seconds-later";
const storeHeader = "x-backstage-store";

/**
 * Gives a test a door behind the stage of a stack's Worker: `startStackServer({ change: withBackstage })`.
 * Its clock can be set, and what it keeps in KV can be read. The Worker's code, its objects and its
 * KV, which forgets what has expired, all go by that clock.
 */
export async function withBackstage(spec: WorkerSpec): Promise<WorkerSpec> {
  const [main, ...others] = spec.modules;
  if (main === undefined) throw new Error(`${spec.name} has no module.`);
  const classes = spec.bindings.flatMap((binding) =>
    binding.type === "durable_object_namespace" ? [binding.className] : [],
  );
  const contents = writeModule(main.name, classes);
  const backstage = { name: "backstage.js", type: "ESModule", contents } as const;
  return { ...spec, modules: [backstage, main, ...others] };
}

/** Lets a server believe that it was started so many seconds earlier. */
export async function passTime(origin: string, seconds: number): Promise<void> {
  const response = await fetch(origin, { headers: { [laterHeader]: String(seconds) } });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`The clock was answered ${response.status}`);
}

/** A key of a server's KV. */
export interface StoredKey {
  readonly name: string;
  readonly value: string;
  readonly metadata?: unknown;
}

/** Every key that a server has in KV, in their order. */
export async function readKeys(origin: string): Promise<readonly StoredKey[]> {
  const response = await fetch(origin, { headers: { [storeHeader]: "yes" } });
  return (await response.json()) as StoredKey[];
}

/** Everything that a server keeps in KV, by key. */
export async function readStore(origin: string): Promise<Record<string, string>> {
  const keys = await readKeys(origin);
  return Object.fromEntries(
    keys.map(({ name, value, metadata }) => [
      name,
      value + (metadata === undefined ? "" : JSON.stringify(metadata)),
    ]),
  );
}

/** A module around the Worker's own. */
function writeModule(mainModule: string, classes: readonly string[]): string {
  return `
import * as worker from "./${mainModule}";
let later = 0;
const realNow = Date.now;
Date.now = () => realNow() + later * 1000;
const seconds = () => Math.floor(Date.now() / 1000);
const isOver = ({ expiration }) => expiration !== undefined && expiration <= seconds();
const wrap = (env) => ({ ...env, OAUTH_KV: wrapKv(env.OAUTH_KV) });
const wrapKv = (kv) => ({
  async get(key, ...rest) {
    // Only a list says when a key expires.
    const { keys: [found] } = await kv.list({ prefix: key, limit: 1 });
    return found?.name === key && isOver(found) ? null : kv.get(key, ...rest);
  },
  put(key, value, { expirationTtl, ...rest } = {}) {
    const expiration = expirationTtl === undefined ? {} : { expiration: seconds() + expirationTtl };
    return kv.put(key, value, { ...rest, ...expiration });
  },
  delete: (key) => kv.delete(key),
  async list(options) {
    const page = await kv.list(options);
    return { ...page, keys: page.keys.filter((key) => !isOver(key)) };
  },
});
async function readAll(kv) {
  const { keys, list_complete: isAll } = await kv.list();
  if (!isAll) throw new Error("More keys than a test should make.");
  const all = keys.map(async ({ name, metadata }) => ({ name, value: await kv.get(name), metadata }));
  return Promise.all(all);
}
export default {
  ...worker.default,
  async fetch(request, env, ctx) {
    later = Number(request.headers.get("${laterHeader}") ?? later);
    if (request.headers.has("${storeHeader}")) return Response.json(await readAll(env.OAUTH_KV));
    return worker.default.fetch(request, wrap(env), ctx);
  },
};
${classes
  .map(
    (name) => `export class ${name} extends worker.${name} {
  constructor(ctx, env) {
    super(ctx, wrap(env));
  }
}`,
  )
  .join("\n")}
`;
}
