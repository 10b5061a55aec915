import { freePlan } from "../../infra/free-plan.ts";
import { fail } from "./api-error.ts";

/** Sources: https://developers.cloudflare.com/workers/platform/limits/ and .../kv/platform/limits/ */
export interface PlanLimits {
  readonly name: "free" | "paid";
  readonly workers: number;
  readonly cronTriggers: number;
  readonly kvNamespaces: number;
  /** Bytes of a Worker after gzip. */
  readonly scriptBytes: number;
  /** Variables and secrets of a Worker. */
  readonly variables: number;
  /** Whether Durable Objects may use the old key-value storage. */
  readonly keyValueObjects: boolean;
}

const mebibyte = 1024 * 1024;

export const plans: Readonly<Record<"free" | "paid", PlanLimits>> = {
  free: {
    name: "free",
    workers: freePlan.workers,
    cronTriggers: freePlan.cronTriggers,
    kvNamespaces: freePlan.kvNamespaces,
    scriptBytes: 3 * mebibyte,
    variables: 64,
    keyValueObjects: false,
  },
  paid: {
    name: "paid",
    workers: 500,
    cronTriggers: 250,
    kvNamespaces: 1000,
    scriptBytes: 10 * mebibyte,
    variables: 128,
    keyValueObjects: true,
  },
};

/** Limits of KV that every plan has, in bytes. */
export const kvLimits = { key: 512, metadata: 1024, value: 25 * mebibyte } as const;

/** Bytes of one variable or secret. */
export const variableBytes = 5 * 1024;

/** One more Worker than the plan allows. */
export function refuseWorkers({ workers }: PlanLimits): Error {
  return fail(
    403,
    10037,
    `You have exceeded the limit of ${workers} Workers on your account. Consider deleting unused Workers.`,
  );
}

/** One more cron trigger than the plan allows. The words are Cloudflare's (cloudflare/workers-sdk#15194). */
export function refuseCronTriggers({ name, cronTriggers }: PlanLimits): Error {
  const plan = name === "free" ? "Workers Free" : "Workers Paid";
  return fail(
    400,
    10072,
    `This account has reached the ${plan} limit of ${cronTriggers} cron triggers per account.`,
  );
}
