import { tools } from "../fixture/tools/index.ts";

/** The name of every tool of the fixture, in the order in which lists give them. */
export const toolNames: readonly string[] = tools.map(({ name }) => name);
