import type {
  ProgramAnswer,
  ProgramRequest,
  ProgramResult,
} from "../../scripts/dev/declared-resource.ts";
import { StayingProcess } from "./staying-process.ts";

const host = new StayingProcess<ProgramRequest, ProgramAnswer>("program-host.ts", () => ({
  ...process.env,
  // Of a program that deploys nowhere.
  CLOUDFLARE_ACCOUNT_ID: "0".repeat(32),
}));

/**
 * Runs the stack's program as the dev server does, but in a process that stays: it loads Pulumi's SDK, which takes
 * longer than the run, once for all servers that tests start.
 * @throws Error with the program's own words where it refuses the stack or cannot build the Worker.
 */
export async function runAgain(request: ProgramRequest): Promise<ProgramResult> {
  const answer = await host.ask(request);
  if ("problem" in answer) throw new Error(answer.problem);
  return answer.result;
}
