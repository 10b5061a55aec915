import { builtinModules } from "node:module";
import type { Plugin } from "esbuild";

const bare = new Set(builtinModules);

/**
 * Lets packages import Node's modules without `node:`, and `require` them: with the flag `nodejs_compat` a Worker
 * has them, by their full names and as ES modules only.
 */
export const nodeBuiltins: Plugin = {
  name: "node-builtins",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?[a-z_/]+$/ }, ({ path, kind, namespace }) => {
      const name = path.replace(/^node:/, "");
      if (!bare.has(name) || namespace === "node-builtin") return undefined;
      if (kind === "require-call") return { path: name, namespace: "node-builtin" };
      return { path: `node:${name}`, external: true };
    });
    onLoad({ filter: /.*/, namespace: "node-builtin" }, ({ path }) => ({
      contents: `import * as all from "node:${path}";\nmodule.exports = all.default ?? all;`,
    }));
    onResolve({ filter: /^node:/, namespace: "node-builtin" }, ({ path }) => ({
      path,
      external: true,
    }));
  },
};
