import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundlePath, projectRoot } from "../../../infra/bundle.ts";
import type { ProgramParts } from "../../../infra/program.ts";
import type { WorkerSettings } from "../../../worker/env.ts";
import type { ProjectStack, RunOptions } from "../stack/stack.ts";
import type { PastUpdate } from "./last-update.ts";
import { toBundle } from "./previous-bundle.ts";
import type { ServedVersion } from "./served-version.ts";
import type { StackValues } from "./settings.ts";
import { WayBackSettings } from "./way-back-settings.ts";

/** Bytes that Cloudflare takes for a version's tag. */
const longestSource = 100;

/** A version that served, with the settings the stack had for it. */
export interface WayBack {
  readonly version: ServedVersion;
  readonly update: PastUpdate;
}

/** What a way back is walked with. */
export interface WayBackRun {
  readonly stack: ProjectStack;
  readonly wayBack: WayBack;
  /** The stack's settings as they are now. */
  readonly now: StackValues;
  readonly options: Pick<RunOptions, "onEvent" | "onWait" | "patience">;
}

/**
 * Puts the version of before back, through this checkout's own program: state and Worker agree, and the
 * next preview shows what is new again. The stack's settings file stays as it is.
 * @throws UserError with what the engine reported.
 */
export async function walkBack(run: WayBackRun): Promise<void> {
  // The path in state is that of every bundle.
  const parts = toParts(run.wayBack.version, join(projectRoot, bundlePath));
  await withSettings(run, (configFile) => run.stack.up({ ...run.options, parts, configFile }));
}

/**
 * Tries, before anything is deployed, whether the program takes the version of before with its settings.
 * @throws UserError with what it refuses.
 */
export async function rehearse(run: WayBackRun): Promise<void> {
  // A file of its own: another run of this checkout may be about to upload the bundle.
  const folder = await mkdtemp(join(tmpdir(), "way-back-"));
  try {
    const parts = toParts(run.wayBack.version, join(folder, "worker.js"));
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
  { modules, bindings, source, id }: ServedVersion,
  file: string,
): Partial<ProgramParts> {
  const [main] = modules;
  if (main === undefined) throw new Error(`The version ${id} has no module.`);
  const json = bindings.find(({ name }) => name === "SETTINGS")?.json;
  const settings: unknown = typeof json === "string" ? JSON.parse(json) : json;
  return {
    bundle: () => toBundle(main.code, file),
    // As the version of before was given them: it refuses settings that came since.
    ...(settings !== undefined && { workerSettings: settings as WorkerSettings }),
    source: `${source ?? id} put back`.slice(0, longestSource),
  };
}
