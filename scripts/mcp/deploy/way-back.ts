import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import {
  type Bundle,
  type BundleVariant,
  mainModule,
  productEntry,
  projectRoot,
  toBundlePath,
  writeBundle,
} from "../../../infra/bundle.ts";
import type { StoredVersion } from "../../../infra/deployed-worker.ts";
import type { ProgramParts } from "../../../infra/program.ts";
import type { WorkerSettings } from "../../../worker/env.ts";
import type { Update } from "../stack/backend.ts";
import type { ProjectStack, RunOptions } from "../stack/stack.ts";
import { pickSettings, type StackValues } from "../stack/stack-values.ts";
import { WayBackSettings } from "./way-back-settings.ts";

/** Bytes that Cloudflare takes for a version's tag. */
const longestSource = 100;

/** A version that served, with the settings the stack had for it. */
export interface WayBack {
  readonly version: StoredVersion;
  readonly update: PastUpdate;
}

export interface WayBackRun {
  readonly stack: ProjectStack;
  readonly wayBack: WayBack;
  /** The stack's settings as they are now. */
  readonly now: StackValues;
  readonly options: Pick<RunOptions, "onEvent" | "onWait" | "patience">;
}

/**
 * Restores the previous version, through this checkout's own program: state and Worker agree, and the
 * next preview shows what is new again. The stack's settings file stays as it is.
 * @throws UserError with what the engine reported.
 */
export async function walkBack(run: WayBackRun): Promise<void> {
  // The path in state is the one that the next run with these settings has.
  const parts = toParts(run.wayBack.version, (variant) =>
    join(projectRoot, toBundlePath(productEntry, variant)),
  );
  await withSettings(run, (configFile) => run.stack.up({ ...run.options, parts, configFile }));
}

/**
 * Tries, before anything is deployed, whether the program takes the previous version with its settings.
 * @throws UserError with what it refuses.
 */
export async function rehearseWayBack(run: WayBackRun): Promise<void> {
  // A file of its own: another run of this checkout may be about to upload the bundle.
  const folder = await mkdtemp(join(tmpdir(), "way-back-"));
  try {
    const parts = toParts(run.wayBack.version, () => join(folder, mainModule));
    await withSettings(run, (configFile) =>
      run.stack.preview({ ...run.options, parts, configFile }),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function withSettings<Result>(
  { stack, wayBack, now }: WayBackRun,
  act: (file: string) => Promise<Result>,
): Promise<Result> {
  const { name, project } = stack;
  const before = wayBack.update.settings;
  await using settings = await WayBackSettings.write({ stack: name, project, before, now });
  return await act(settings.file);
}

function toParts(
  { modules, bindings, source, id }: StoredVersion,
  findFile: (variant: BundleVariant) => string,
): Partial<ProgramParts> {
  const [main] = modules;
  if (main === undefined) throw new Error(`The version ${id} has no module.`);
  const json = bindings.find(({ name }) => name === "SETTINGS")?.json;
  const settings: unknown = typeof json === "string" ? JSON.parse(json) : json;
  return {
    bundle: (variant) => toBundle(main.code, findFile(variant)),
    // As the previous version was given them: it refuses settings that are newer than itself.
    ...(settings !== undefined && { workerSettings: settings as WorkerSettings }),
    source: `${source ?? id} restored`.slice(0, longestSource),
  };
}

/**
 * The bundle of a version that was deployed, as the program takes it. The file gets exactly its bytes.
 * @throws esbuild's BuildFailure for code that is not a module.
 */
async function toBundle(code: Buffer, file: string): Promise<Bundle> {
  // Nothing is bundled: esbuild only lists what the module exports.
  const { metafile } = await build({
    stdin: { contents: code.toString("utf8"), loader: "js" },
    bundle: false,
    format: "esm",
    metafile: true,
    write: false,
    logLevel: "silent",
  });
  return writeBundle(file, code, metafile);
}

/** Name of the stack tag that remembers where a deployment that is not judged yet would go back to. */
const tag = "way-back";

/** The version from before a deployment whose doctor has not finished. */
export interface PendingWayBack {
  /** Id of the version that served. */
  readonly version: string;
  /** When the update began that it had its settings from. */
  readonly began: string;
}

/** Reads the record that an interrupted deploy left behind. */
export async function readPending(stack: ProjectStack): Promise<PendingWayBack | undefined> {
  const [version = "", began = ""] = ((await stack.tags())[tag] ?? "").split(" ");
  return version === "" || began === "" ? undefined : { version, began };
}

/** Writes it down before anything is deployed: a run that is killed is continued by another machine. */
export function writePending(
  stack: ProjectStack,
  { version, began }: PendingWayBack,
): Promise<void> {
  return stack.setTags({ [tag]: `${version} ${began}` });
}

/** Forgets it, once doctor has spoken. */
export function forgetPending(stack: ProjectStack): Promise<void> {
  return stack.removeTag(tag);
}

/** An update of a stack that ended well, with the settings it had. Secrets are in clear: never print it. */
export interface PastUpdate {
  /** When it began, ISO 8601: what tells it from others on every backend. */
  readonly began: string;
  readonly settings: StackValues;
}

/** Updates that are looked through, the newest first. */
const pageSize = 50;

/** The updates of a stack that ended well, the newest first. */
export async function listPastUpdates(stack: ProjectStack): Promise<PastUpdate[]> {
  const { project } = stack;
  const updates = await stack.history(pageSize);
  return updates
    .filter((update) => deploys(update) && update.result === "succeeded")
    .map(({ startTime, config }) => ({
      began: new Date(startTime).toISOString(),
      settings: pickSettings(project, config),
    }));
}

/** A refresh or a destroy says nothing of what serves. */
function deploys({ kind }: Update): boolean {
  return kind === "update" || String(kind).includes("import");
}
