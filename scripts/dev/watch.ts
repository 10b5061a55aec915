import { posix, relative, sep } from "node:path";
import { watch } from "chokidar";
import { projectRoot } from "../../infra/bundle.ts";

/**
 * What changed files ask for: new code only; new code and then a look at what the tools need; or a new
 * run of the program.
 */
export type ChangeKind = "code" | "tools" | "program";

/** A burst of changes: an edit, or a branch that was switched. */
export interface Change {
  readonly kind: ChangeKind;
  /** The files, from the root of the checkout, in order of the alphabet. */
  readonly files: readonly string[];
}

/** Which checkout is watched, and for which stack. */
export interface WatchOptions {
  /** The stack whose settings file counts. */
  readonly stack: string;
  /** Module of a program of other features, whose folder counts too. Default: there is none. */
  readonly program?: string | undefined;
  /** Root of the checkout. Default: this one. */
  readonly root?: string;
  /** Told of the first file of a burst, when others may follow, by what it asks for. Default: nobody is. */
  readonly onBegin?: ((kind: ChangeKind) => void) | undefined;
}

/**
 * Milliseconds of silence after a change: an editor writes a file in several steps. More than the 50 for which
 * chokidar tells of no second change of a file: one within them is read by the reload that follows.
 */
const settleTime = 60;

/** Files under `worker/` that the program imports. */
const workerFilesOfProgram = [
  "worker/env.ts",
  "worker/durable-objects.ts",
  "worker/features.ts",
  "worker/scopes.ts",
];

/** Kinds that cause more work come first. */
const kinds = ["program", "tools", "code"] as const satisfies readonly ChangeKind[];

/**
 * Takes over a change.
 * @param isOld aborts as soon as something else has changed: what need not be done now gives way to that.
 */
export type TakeOver = (change: Change, isOld: AbortSignal) => Promise<void>;

/**
 * Watches the checkout and calls back once for each burst of changes, never twice at once. What changes
 * while a call runs is told by one further call. Resolves when no later change is missed.
 *
 * Node's own recursive watcher loses a file on Linux once it was replaced, as `git checkout` and many
 * editors do; chokidar watches folders and finds the new file in them.
 */
export async function watchCheckout(
  { stack, program, root = projectRoot, onBegin }: WatchOptions,
  onChange: TakeOver,
): Promise<AsyncDisposable> {
  const pending = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let isRunning = false;
  let isSettled = false;
  let newer = new AbortController();
  const flush = async () => {
    if (isRunning) return;
    isRunning = true;
    while (isSettled) {
      isSettled = false;
      const files = [...pending].toSorted();
      pending.clear();
      newer = new AbortController();
      const found = files.map((file) => classify(file, folder));
      const kind = kinds.find((each) => found.includes(each)) ?? "code";
      await onChange({ kind, files }, newer.signal);
    }
    isRunning = false;
  };
  const toFile = (path: string) => relative(root, path).split(sep).join("/");
  const folder = program === undefined ? undefined : posix.dirname(program);
  const isOther = (file: string) =>
    folder !== undefined && (`${folder}/`.startsWith(`${file}/`) || file.startsWith(`${folder}/`));
  const files = new Set(["Pulumi.yaml", `Pulumi.${stack}.yaml`, ".dev/secrets.yaml"]);
  const isWatched = (file: string) =>
    ["", "worker", "infra", ".dev"].includes(file) ||
    files.has(file) ||
    ((/^(worker|infra)\//.test(file) || isOther(file)) && !isTest(file));
  const watcher = watch(root, {
    ignoreInitial: true,
    ignored: (path) => !isWatched(toFile(path)),
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  watcher
    .on("all", (event, path) => {
      if (event === "addDir" || event === "unlinkDir") return;
      const file = toFile(path);
      if (pending.size === 0) onBegin?.(classify(file, folder));
      pending.add(file);
      newer.abort();
      // Nor while a call ends: its file may be half written.
      isSettled = false;
      clearTimeout(timer);
      timer = setTimeout(() => {
        isSettled = true;
        void flush();
      }, settleTime);
    })
    .on("ready", resolve)
    .on("error", reject);
  await promise;
  return {
    async [Symbol.asyncDispose]() {
      clearTimeout(timer);
      await watcher.close();
    },
  };
}

/** @param folder of the program of other features. */
function classify(file: string, folder = "worker"): ChangeKind {
  if (file.startsWith(`${folder}/tools/`)) return "tools";
  if (file.startsWith(`${folder}/`) && folder !== "worker") return "program";
  if (!file.startsWith("worker/") || workerFilesOfProgram.includes(file)) return "program";
  return file.startsWith("worker/tools/") ? "tools" : "code";
}

/** Files that no Worker and no program is made of, swap and backup files of editors among them. */
function isTest(file: string): boolean {
  return /\.test\.tsx?$|~$|\.sw[a-z]$|\.tmp$|\/\.#|\/4913$/.test(file);
}
