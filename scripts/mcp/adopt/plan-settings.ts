import { settingsSchema } from "../../../infra/settings.ts";
import { UserError } from "../../errors.ts";
import type { Address } from "./choose-address.ts";
import type { LiveWorker } from "./live-worker.ts";
import type { SortedBindings } from "./sort-bindings.ts";

/** Settings of a stack, as they stand in its file. */
export type PlannedSettings = Readonly<Record<string, unknown>>;

/** What the settings are made from. */
export interface SettingParts {
  readonly live: LiveWorker;
  readonly address: Address;
  readonly bindings: SortedBindings;
  /** The endpoint of grants that name none; undefined where there are no such grants. */
  readonly legacyGrantResource: "mcp" | "sse" | undefined;
}

/**
 * Settings with which this project's program declares what is there.
 * @throws UserError where the Worker has a name that no stack can give.
 */
export function planSettings(parts: SettingParts): PlannedSettings {
  const { live, address, bindings, legacyGrantResource } = parts;
  if (!settingsSchema.shape.scriptName.safeParse(live.name).success) {
    throw new UserError(
      `--worker: "${live.name}" is no name that a stack's Worker can have (a-z, 0-9 and -). Deploy it under another name first.`,
    );
  }
  const { migrationTag: tag, classes, crons } = live;
  const { customDomain, routes, publicUrl, outside } = address;
  const zone = customDomain?.zone ?? routes[0]?.zone;
  const [cron] = crons;
  const hasHistory = tag !== undefined || classes.length > 0;
  const schedule = settingsSchema.shape.purgeSchedule.safeParse(cron);
  const kept = bindings.kept.map(({ name }) => name);
  return {
    scriptName: live.name,
    // Where nothing leads to the Worker, a stack could not serve.
    workersDev: live.workersDev || (customDomain === undefined && routes.length === 0),
    ...(customDomain !== undefined && { customDomain: customDomain.hostname }),
    ...(publicUrl !== undefined && { publicUrl }),
    ...(zone !== undefined && { zone }),
    ...(routes.length > 0 && { routes: routes.map(({ pattern }) => pattern) }),
    ...(crons.length === 1 && schedule.success && { purgeSchedule: cron }),
    // What is in it was there before the stack.
    kvProtection: true,
    ...((hasHistory || outside.length > 0) && {
      adopted: {
        ...(tag !== undefined && { tag }),
        ...(hasHistory && { classes }),
        ...(outside.length > 0 && { outside }),
      },
    }),
    ...(kept.length > 0 && { inheritedBindings: kept }),
    ...(legacyGrantResource !== undefined && { legacyGrantResource }),
  };
}
