import { AsyncLocalStorage } from "node:async_hooks";
import type { ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";

/** Who hears of the processes that what runs now starts. */
const current = new AsyncLocalStorage<(child: ChildProcess) => void>();

let isListening = false;

/**
 * Hands on every process that is started by `start` and by what it leaves running: miniflare starts another workerd
 * by itself when one dies.
 * @param onStart is called before a process has a program and an id.
 */
export function watchProcesses<Result>(
  onStart: (child: ChildProcess) => void,
  start: () => Promise<Result>,
): Promise<Result> {
  if (!isListening) {
    isListening = true;
    subscribe("child_process", (message) => {
      const { process: child } = message as { process: ChildProcess };
      current.getStore()?.(child);
    });
  }
  return current.run(onStart, start);
}

/**
 * Lets a workerd that the system cannot run (ENOENT for one of another C library, EACCES) fail the start. Node says it
 * by the event `error` alone, for which miniflare does not listen: this process would end by it. It waits for these.
 */
export function failUnstarted(child: ChildProcess): void {
  child.once("error", (error) => {
    if (child.pid !== undefined) return;
    child.stdin?.emit("error", error);
    child.emit("exit", null, null);
  });
}
