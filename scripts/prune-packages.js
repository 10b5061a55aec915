// Runs after `npm ci`, on whatever Node the machine has: takes away what packages bring and nothing here opens.
// docs/decisions/light-install.md has the table; `npm ci` brings all of it back.
import { existsSync, lstatSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const modules = join(dirname(fileURLToPath(import.meta.url)), "..", "node_modules");

// Headers for building Node's add-ons.
for (const name of existsSync(modules) ? readdirSync(modules) : []) {
  if (/^node-(bin-)?(linux|darwin|win)-/.test(name)) remove(join(modules, name, "include"));
}

// Cloudflare's SDK has its TypeScript beside its JavaScript. These have maps of their files, thousands of them, which
// would lead a debugger to sources that are not there.
if (isOwn(join(modules, "cloudflare"))) remove(join(modules, "cloudflare", "src"));
for (const name of ["@opentelemetry", "@pulumi", "cloudflare", "miniflare"]) {
  removeMaps(join(modules, name));
}

/** @param {string} folder */
function removeMaps(folder) {
  if (!isOwn(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) removeMaps(path);
    else if (entry.name.endsWith(".map")) remove(path);
  }
}

/** Whether a folder exists and is not a link, behind which somebody works. @param {string} folder */
function isOwn(folder) {
  return existsSync(folder) && !lstatSync(folder).isSymbolicLink();
}

/** What cannot be removed stays: nothing depends on it. @param {string} path */
function remove(path) {
  try {
    // A link leads into a folder that is somebody else's.
    if (!lstatSync(path).isSymbolicLink()) rmSync(path, { recursive: true, force: true });
  } catch {}
}
