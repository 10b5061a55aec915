import * as z from "zod";
import { fail } from "../api-error.ts";
import { refuseCronTriggers } from "../billing-plan.ts";
import { now } from "../identifiers.ts";
import type { Script } from "../records.ts";
import { answer, type Call, createRoutes } from "../route.ts";
import { findScript } from "./script-views.ts";

const body = z.array(z.object({ cron: z.string() }));

/** Five fields of numbers, names, ranges, lists, steps and Cloudflare's L, W and #. */
const cronForm = /^(\S+ ){4}\S+$/;
/** Minute, hour, day of the month, month, day of the week. */
const ranges = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const;
const fieldForm = /^[0-9A-Z*,/#-]+$/i;

/** Cron triggers of a Worker. */
export const scheduleRoutes = createRoutes(
  "Workers Scripts",
  "/accounts/:account/workers/scripts/:script/schedules",
  [
    ["GET", "", (call) => answer(show(findScript(call)))],
    ["PUT", "", putSchedules],
  ],
);

async function putSchedules(call: Call) {
  const wanted = await call.json(body);
  const script = findScript(call);
  const { cloud, account } = call;
  for (const { cron } of wanted) refuseWrongCron(cron);
  const others = cloud.records.scripts
    .list((each) => each.account === account.id && each.tag !== script.tag)
    .reduce((sum, { schedules }) => sum + schedules.length, 0);
  // Even with fewer than before: so does Cloudflare (cloudflare/workers-sdk#15194).
  if (others + wanted.length > cloud.plan.cronTriggers) throw refuseCronTriggers(cloud.plan);
  const time = now();
  const schedules = wanted.map(({ cron }) => {
    const before = script.schedules.find((each) => each.cron === cron);
    return { cron, createdOn: before?.createdOn ?? time, modifiedOn: time };
  });
  const changed = cloud.records.scripts.put({ ...script, schedules });
  return answer(show(changed));
}

function refuseWrongCron(cron: string): void {
  const fields = cron.split(" ");
  const isRight = (field: string, index: number) => {
    const [lowest = 0, highest = 0] = ranges[index] ?? [];
    // A step follows a slash, and a week of the month follows #.
    const numbers = field.replace(/[/#]\d+/g, "").match(/\d+/g) ?? [];
    return fieldForm.test(field) && numbers.map(Number).every((n) => n >= lowest && n <= highest);
  };
  if (cronForm.test(cron) && fields.every(isRight)) return;
  throw fail(400, 10100, `invalid cron string: "${cron}". It has five fields, as in "17 * * * *".`);
}

function show({ schedules }: Script) {
  return {
    schedules: schedules.map(({ cron, createdOn, modifiedOn }) => ({
      cron,
      created_on: createdOn,
      modified_on: modifiedOn,
    })),
  };
}
