/**
 * What makes a process of ours start quickly. Imported before anything else, as it can only speed up what is loaded
 * after it.
 */
import { createRequire, enableCompileCache, Module } from "node:module";
import { join } from "node:path";

// Loaded next time without being compiled. Not in the system's folder for temporary files, which is Node's default:
// another user could lay code there.
enableCompileCache(join(import.meta.dirname, "../node_modules/.cache/remote-mcp-server"));

/** Loads as Pulumi's SDK itself does. */
const requireFromSdk = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi"));

// They are more than half of what the SDK loads, and only serve to put a function into a cloud. The last one is small and
// sorts a list of licences first.
for (const name of ["./typescript-shim.js", "@npmcli/arborist", "normalize-package-data"]) {
  loadWhenUsed(name);
}

/** Has a module of the SDK loaded when something in it is asked for. One that the SDK no longer has is passed over. */
function loadWhenUsed(name: string): void {
  let path: string;
  try {
    path = requireFromSdk.resolve(name);
  } catch {
    return;
  }
  const { cache } = requireFromSdk;
  if (path in cache) return;
  const standIn = Object.assign(new Module(path), { filename: path, loaded: true });
  let loaded: object | undefined;
  const load = (): object => {
    if (cache[path] === standIn) delete cache[path];
    loaded ??= requireFromSdk(path) as object;
    return loaded;
  };
  standIn.exports = new Proxy(
    {},
    {
      // Of any other module the SDK would copy every member at once.
      get(_, member) {
        if (member === "__esModule") return true;
        const all = load();
        // A CommonJS module without such a member is its own default.
        return member === "default" && !(member in all) ? all : Reflect.get(all, member);
      },
      has: (_, member) => Reflect.has(load(), member),
    },
  );
  cache[path] = standIn;
}
