import type { Figure } from "../figure.ts";
import { bundle } from "./bundle.ts";
import { calls } from "./calls.ts";
import { connect } from "./connect.ts";
import { dev } from "./dev.ts";
import { growth } from "./growth.ts";
import { heavy } from "./heavy.ts";
import { lanes } from "./lanes.ts";
import { localCloud } from "./local-cloud.ts";
import { login } from "./login.ts";
import { memory } from "./memory.ts";
import { operationCounts } from "./operations.ts";
import { races } from "./races.ts";
import { start } from "./start.ts";
import { streams } from "./streams.ts";

/** Every figure, in the order in which they are told. */
export const figures: readonly Figure[] = [
  calls,
  connect,
  login,
  lanes,
  streams,
  operationCounts,
  memory,
  start,
  bundle,
  growth,
  races,
  heavy,
  dev,
  localCloud,
];
