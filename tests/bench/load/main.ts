/** The process that makes load: it takes one job after the other from the benchmark. */
import { type Jobs, jobs } from "./jobs.ts";

/** A job that is handed over. */
interface Order {
  readonly id: number;
  readonly name: keyof Jobs;
  readonly job: never;
}

process.on("message", async ({ id, name, job }: Order) => {
  try {
    process.send?.({ id, result: await jobs[name](job) });
  } catch (error) {
    process.send?.({ id, error: String((error as Error).stack) });
  }
});
