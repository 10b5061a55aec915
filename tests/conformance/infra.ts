import type { OtherServer } from "../../infra/program.ts";
import { features } from "./worker/features.ts";

/** A stack whose Worker offers what the suite looks for. */
export const server: OtherServer = {
  features,
  entryPoint: "tests/conformance/worker/index.ts",
  root: import.meta.dirname,
};
