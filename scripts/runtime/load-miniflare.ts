import { registerHooks } from "node:module";

/** Bytes by which it makes room for more of a configuration, as it stands in its code. */
const growth = /\bvar MIN_SINGLE_SEGMENT_GROWTH = 4096;/;

let loaded: Promise<typeof import("miniflare")> | undefined;

/**
 * Loads miniflare, once. It writes a Worker and its settings into one piece of memory for workerd, and copies the whole
 * whenever that is 4 KB too small, so hundreds of times: a third of the time that a start takes. Here it makes room for
 * a megabyte. Source: cloudflare/workers-sdk#15271.
 */
export function loadMiniflare(): Promise<typeof import("miniflare")> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<typeof import("miniflare")> {
  const path = import.meta.resolve("miniflare");
  const hooks = registerHooks({
    load(url, context, next) {
      const module = next(url, context);
      if (url !== path || module.source == null) return module;
      return { ...module, source: toRoomier(module.source.toString()) };
    },
  });
  try {
    return await import("miniflare");
  } finally {
    hooks.deregister();
  }
}

/** miniflare's code, with more room; as it is, if it does not have the line. */
export function toRoomier(code: string): string {
  return code.replace(growth, "var MIN_SINGLE_SEGMENT_GROWTH = 1048576;");
}
