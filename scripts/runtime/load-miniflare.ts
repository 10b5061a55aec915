import { createRequire } from "node:module";
import { getCACertificates } from "node:tls";

/**
 * Certificates that the person trusts besides those that workerd does (`NODE_EXTRA_CA_CERTS`), as PEM. It reads
 * `SSL_CERT_FILE` itself: a machine whose every program is given one file gives it both.
 */
export function listExtraCertificates(): string[] {
  return isReadByWorkerd() ? [] : getCACertificates("extra");
}

/**
 * Loads miniflare. When it is loaded, it reads the person's certificates, and hands all of them to each workerd that it
 * starts; those of a whole system cost more than the rest of the start, so it sees none that workerd reads itself.
 */
export function loadMiniflare(): typeof import("miniflare") {
  const require = createRequire(import.meta.url);
  if (!isReadByWorkerd()) return require("miniflare");
  const { NODE_EXTRA_CA_CERTS: file } = process.env;
  delete process.env.NODE_EXTRA_CA_CERTS;
  try {
    return require("miniflare");
  } finally {
    process.env.NODE_EXTRA_CA_CERTS = file;
  }
}

function isReadByWorkerd(): boolean {
  const { NODE_EXTRA_CA_CERTS: extra, SSL_CERT_FILE: own } = process.env;
  return extra !== undefined && extra === own;
}
