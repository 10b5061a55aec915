/** Counts what a Worker and its Durable Objects ask of KV and of other objects, in one isolate. */

/** What was asked for. */
export interface Counts {
  kvReads: number;
  kvWrites: number;
  /** Requests and calls to Durable Objects, each of which Cloudflare bills. */
  objectRequests: number;
}

/** Names of the bindings that are counted. */
export interface Counted {
  readonly kv: readonly string[];
  readonly objects: readonly string[];
}

/** Where the counts are told, and begun again. */
export const countsPath = "/bench-counts";

type Env = Readonly<Record<string, object>>;
type Method = (...args: unknown[]) => unknown;
type ObjectClass = new (ctx: object, env: Env) => object;

interface Handler {
  fetch(request: Request, env: Env, ctx: unknown): Promise<Response>;
}

const counts: Counts = { kvReads: 0, kvWrites: 0, objectRequests: 0 };

/** The handler with an environment that counts. */
export function countHandler(handler: Handler, counted: Counted): Handler {
  return {
    ...handler,
    async fetch(request, env, ctx) {
      if (new URL(request.url).pathname !== countsPath) {
        return handler.fetch(request, countEnv(env, counted), ctx);
      }
      const answer = Response.json(counts);
      Object.assign(counts, { kvReads: 0, kvWrites: 0, objectRequests: 0 } satisfies Counts);
      return answer;
    },
  };
}

/** The Durable Object class with an environment that counts. */
export function countObject(made: ObjectClass, counted: Counted): ObjectClass {
  return class extends made {
    constructor(ctx: object, env: Env) {
      super(ctx, countEnv(env, counted));
    }
  };
}

/** By the binding: what an isolate remembers of a namespace hangs on the object that it was given. */
const counting = new WeakMap<object, object>();

function countEnv(env: Env, { kv, objects }: Counted): Env {
  const wrap = (names: readonly string[], toCounting: (binding: object) => object) =>
    names.flatMap((name) => {
      const binding = env[name];
      if (binding === undefined) return [];
      const wrapped = counting.get(binding) ?? toCounting(binding);
      counting.set(binding, wrapped);
      return [[name, wrapped] as const];
    });
  return {
    ...env,
    ...Object.fromEntries([...wrap(kv, countKv), ...wrap(objects, countNamespace)]),
  };
}

function countKv(namespace: object): object {
  return withMethods(namespace, (name, call) => {
    if (name === "put" || name === "delete") counts.kvWrites += 1;
    if (name === "get" || name === "list" || name === "getWithMetadata") counts.kvReads += 1;
    return call();
  });
}

function countNamespace(namespace: object): object {
  return withMethods(namespace, (name, call) => {
    const result = call();
    if (name === "get" || name === "getByName") return countStub(result as object);
    return name === "jurisdiction" ? countNamespace(result as object) : result;
  });
}

function countStub(stub: object): object {
  return withMethods(stub, (_name, call) => {
    counts.objectRequests += 1;
    return call();
  });
}

/** The object, whose methods are called through a function that knows their names. */
function withMethods(
  target: object,
  through: (name: string | symbol, call: () => unknown) => unknown,
): object {
  return new Proxy(target, {
    get(own, name) {
      const member: unknown = Reflect.get(own, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) =>
        through(name, () => Reflect.apply(member as Method, own, args));
    },
  });
}
