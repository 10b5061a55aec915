import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { projectRoot } from "../../infra/bundle.ts";
import { toTable } from "./markdown-table.ts";

const rows = z.array(
  z.object({ what: z.string(), error: z.string(), reason: z.string().nullable() }),
);

/** The answers to a company's wrong assertions. The file is held by the test that sends each of them. */
export function describeWrongAssertions(): string {
  const file = join(projectRoot, "tests/support/wrong-assertions.json");
  const found = rows.parse(JSON.parse(readFileSync(file, "utf8")));
  return toTable(
    ["What is wrong", "The client gets", "`reason` in the log"],
    found.map(({ what, error, reason }) => [
      what,
      `\`${error}\``,
      reason === null ? "" : `\`${reason}\``,
    ]),
  );
}
