/** A process that runs the program for one request after the other: nobody edits its files between the tests of a file. */
import "../../infra/quick-start.ts";
import { answerRequest } from "../../scripts/dev/answer-request.ts";
import type { ProgramRequest } from "../../scripts/dev/declared-resource.ts";

process.on("message", async (request: ProgramRequest) => {
  process.send?.(await answerRequest(request));
});

process.once("disconnect", () => process.exit());
