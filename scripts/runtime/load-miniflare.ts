import { createRequire, registerHooks } from "node:module";
import { getCACertificates } from "node:tls";
import { pathToFileURL } from "node:url";

/**
 * Certificates that the person trusts besides those that workerd does (`NODE_EXTRA_CA_CERTS`), as PEM. It reads
 * `SSL_CERT_FILE` itself: a machine whose every program is given one file gives it both.
 */
export function listExtraCertificates(): string[] {
  return isReadByWorkerd() ? [] : getCACertificates("extra");
}

let loaded: typeof import("miniflare") | undefined;

/**
 * Loads miniflare, once, with two changes, as what it writes for workerd costs more than the rest of a start.
 *
 * When it is loaded, it reads the person's certificates, and hands all of them to each workerd that it starts: it sees
 * none that workerd reads itself. And it copies all that it has written whenever there is no room for 4 KB more, so
 * hundreds of times: it makes room for a megabyte (cloudflare/workers-sdk#15271).
 */
export function loadMiniflare(): typeof import("miniflare") {
  loaded ??= load();
  return loaded;
}

function load(): typeof import("miniflare") {
  const require = createRequire(import.meta.url);
  const path = pathToFileURL(require.resolve("miniflare")).href;
  const hooks = registerHooks({
    load(url, context, next) {
      const module = next(url, context);
      if (url !== path || module.source == null) return module;
      return { ...module, source: toRoomier(module.source.toString()) };
    },
  });
  const { NODE_EXTRA_CA_CERTS: file } = process.env;
  const hides = isReadByWorkerd();
  if (hides) delete process.env.NODE_EXTRA_CA_CERTS;
  try {
    return require("miniflare");
  } finally {
    hooks.deregister();
    if (hides) process.env.NODE_EXTRA_CA_CERTS = file;
  }
}

/** miniflare's code, with more room; as it is, if it does not have the line. */
export function toRoomier(code: string): string {
  return code.replace(
    /\bvar MIN_SINGLE_SEGMENT_GROWTH = 4096;/,
    "var MIN_SINGLE_SEGMENT_GROWTH = 1048576;",
  );
}

function isReadByWorkerd(): boolean {
  const { NODE_EXTRA_CA_CERTS: extra, SSL_CERT_FILE: own } = process.env;
  return extra !== undefined && extra === own;
}
