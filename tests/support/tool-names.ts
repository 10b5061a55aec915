import { tools } from "../../worker/tools/index.ts";

/** The name of every tool, in the order in which lists give them. */
export const toolNames: readonly string[] = tools.map(({ name }) => name);
