import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";

const children = new Set<ChildProcess>();

/** Starts this Node with arguments, as a process that ends with the language host. */
export function startNode(args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(process.execPath, args, options);
  children.add(child);
  child.once("close", () => children.delete(child));
  return child;
}

/** Asks every process that is still running to end. */
export function endChildren(): void {
  for (const child of children) child.kill("SIGINT");
}
