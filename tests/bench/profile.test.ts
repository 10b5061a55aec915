import { expect, test } from "vitest";
import { summarize } from "./profile.ts";

const at = (functionName: string, url = "worker.js") => ({
  functionName,
  url,
  lineNumber: url === "" ? -1 : 0,
  columnNumber: 0,
});

/** (root) > serve > get of the runtime; (root) > (idle). */
const profile = {
  nodes: [
    { id: 1, callFrame: at("(root)", ""), children: [2, 4] },
    { id: 2, callFrame: at("serve"), children: [3] },
    { id: 3, callFrame: at("get", "") },
    { id: 4, callFrame: at("(idle)", "") },
  ],
  samples: [2, 4, 3, 3, 2],
  // Microseconds since the sample before: the last one's own time is not known.
  timeDeltas: [0, 1000, 50_000, 2000, 3000],
};

const locate = ({ functionName, url }: ReturnType<typeof at>) => ({
  name: functionName,
  origin: url === "" ? "the runtime" : "worker/mcp",
});

test("time counts for what ran until the next sample, and none for waiting", () => {
  const { total, functions, packages } = summarize(profile, locate);
  expect(total).toBe(6);
  expect(packages).toEqual([
    { name: "worker/mcp", time: 1 },
    { name: "the runtime", time: 5 },
  ]);
  expect(functions[0]).toEqual({ name: "serve", time: 1 });
});

test("what the runtime does is told with who asked for it", () => {
  expect(summarize(profile, locate).functions[1]).toEqual({ name: "get for serve", time: 5 });
});
