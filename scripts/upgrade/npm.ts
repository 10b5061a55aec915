import { spawn } from "node:child_process";
import { once } from "node:events";
import { styleText } from "node:util";

/** Runs `npm` with arguments in a folder, and gives back its exit code. */
export type RunNpm = (args: readonly string[], cwd: string) => Promise<number>;

/** The npm that started this program, on its Node: the one of node_modules is replaced while `npm ci` runs. */
export const runNpm: RunNpm = async (args, cwd) => {
  const { npm_execpath: script, npm_node_execpath: node = process.execPath } = process.env;
  console.log(styleText("dim", `$ npm ${args.join(" ")}`));
  const [program, ...first] = script === undefined ? ["npm"] : [node, script];
  const child = spawn(program ?? "npm", [...first, ...args], { cwd, stdio: "inherit" });
  const [code] = (await once(child, "close")) as [number | null];
  return code ?? 1;
};
