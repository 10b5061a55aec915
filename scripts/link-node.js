// Runs after `npm ci`, on whatever Node the machine has. The Node of this project is a package for each
// platform, by name and hash in the lock file; npm installs the one that fits. It is put in place here,
// since npm 10 removes the program that all of them call `node` with those that do not fit.
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const modules = join(root, "node_modules");
const isWindows = process.platform === "win32";
const program = isWindows ? "node.exe" : "node";
const { engines, optionalDependencies } = JSON.parse(
  readFileSync(join(root, "package.json"), "utf8"),
);
const folder = join(modules, ".bin");
const link = join(folder, program);
const [found] = Object.keys(optionalDependencies)
  .map((name) => join(modules, name, "bin", program))
  .filter(existsSync);

// A machine that has this very Node, as a workflow with setup-node, uses its own: what runs npm, not what runs
// this, which may be the package's. On a platform that is not among them, too; scripts/check-node.js says if
// that is too old.
const agent = /\bnode\/v(\d+)\.(\d+)/.exec(process.env.npm_config_user_agent ?? "");
const machine = agent?.[1];
// On Windows, a program that runs cannot be replaced.
if (!(isWindows && existsSync(link))) {
  rmSync(link, { force: true });
  if (found !== undefined && machine !== "24") {
    mkdirSync(folder, { recursive: true });
    // On Windows, a symbolic link needs a permission that a person may lack.
    if (isWindows) linkSync(found, link);
    else symlinkSync(relative(folder, found), link);
  }
}

// npm leaves out a program for this platform that wants a newer Node than the one that runs npm, as the tests have,
// and says nothing of it (.npmrc).
if (agent !== null && !isEnough(Number(agent[1]), Number(agent[2]))) {
  console.error(
    [
      `npm has left out what the tests run with, since it runs on Node ${agent[1]}.${agent[2]}.`,
      `Everything else works. For the tests, install Node ${engines.node} and run: npm ci`,
    ].join("\n"),
  );
}

/**
 * Whether `engines` takes this Node.
 * @param {number} major
 * @param {number} minor
 */
function isEnough(major, minor) {
  return engines.node.split(" || ").some((/** @type {string} */ range) => {
    const [, operator, from, least] = /^(\^|>=)(\d+)\.(\d+)/.exec(range) ?? [];
    const isLater = operator === ">=" && major > Number(from);
    return isLater || (major === Number(from) && minor >= Number(least));
  });
}
