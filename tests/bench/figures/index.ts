import type { Figure } from "../figure.ts";
import { bundle } from "./bundle.ts";
import { calls } from "./calls.ts";
import { connect } from "./connect.ts";
import { login } from "./login.ts";
import { memory } from "./memory.ts";
import { operationCounts } from "./operations.ts";
import { start } from "./start.ts";

/** Every figure, in the order in which they are told. */
export const figures: readonly Figure[] = [
  calls,
  connect,
  login,
  operationCounts,
  memory,
  start,
  bundle,
];
