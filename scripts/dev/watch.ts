import { type FSWatcher, watch } from "node:fs";
import { join, sep } from "node:path";
import { projectRoot } from "../../infra/bundle.ts";

/**
 * What a change asks for: new code only; new code and then a look at what the tools need; or a new
 * run of the program.
 */
export type Change = "code" | "tools" | "program";

/** Milliseconds of silence after a change: an editor writes a file in several steps. */
const settleTime = 40;

/** Files under `worker/` that the program imports. */
const workerFilesOfProgram = ["env.ts", "durable-objects.ts"];

/**
 * Watches the checkout and calls back once for each burst of changes, never twice at once.
 * @param stack the stack whose settings file counts.
 */
export function watchCheckout(
  stack: string,
  onChange: (change: Change) => Promise<void>,
): Disposable {
  const pending = new Set<Change>();
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  const flush = () => {
    const change = (["program", "tools"] as const).find((kind) => pending.has(kind)) ?? "code";
    pending.clear();
    running = running.then(() => onChange(change));
  };
  const note = (change: Change) => {
    pending.add(change);
    clearTimeout(timer);
    timer = setTimeout(flush, settleTime);
  };
  const settings = new Set(["Pulumi.yaml", `Pulumi.${stack}.yaml`]);
  const watchers: FSWatcher[] = [
    watchFolder("worker", (file) => {
      if (!isTest(file)) note(classify(file));
    }),
    watchFolder("infra", (file) => {
      if (!isTest(file)) note("program");
    }),
    watch(projectRoot, (_event, file) => {
      if (file !== null && settings.has(file)) note("program");
    }),
    watch(join(projectRoot, ".dev"), (_event, file) => {
      if (file === "secrets.yaml") note("program");
    }),
  ];
  return {
    [Symbol.dispose]() {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}

function watchFolder(folder: string, onFile: (file: string) => void): FSWatcher {
  return watch(join(projectRoot, folder), { recursive: true }, (_event, file) => {
    if (file !== null) onFile(file.split(sep).join("/"));
  });
}

function classify(workerFile: string): Change {
  if (workerFilesOfProgram.includes(workerFile)) return "program";
  return workerFile.startsWith("tools/") ? "tools" : "code";
}

function isTest(file: string): boolean {
  return /\.test\.tsx?$/.test(file);
}
