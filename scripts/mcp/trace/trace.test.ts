import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bundleWorker, toMapPath } from "../../../infra/bundle.ts";
import { makeTempFolder } from "../../../tests/support/temp-folder.ts";
import { describeMap, trace } from "./trace.ts";

const source = `export default {
  fetch(): Response {
    throw new Error("It is wrong");
  },
};
`;

test("a line of a deployed Worker's log leads to the source, with the map of what is deployed alone", async () => {
  await using folder = await makeTempFolder();
  const root = folder.path;
  await mkdir(join(root, "worker"));
  await writeFile(join(root, "worker/index.ts"), source);
  await writeFile(join(root, "worker/tsconfig.json"), "{}");
  const deployed = { stack: "prod", sha256: (await bundleWorker({ root })).sha256 };
  const { code, file, sha256 } = await bundleWorker({ root });
  const line = `{"event":"tool-failure","stack":"worker.js:1:${code.indexOf("throw") + 1}"}`;

  const { traced, map } = trace(line, { root, deployed });
  expect(traced).toBe('{"event":"tool-failure","stack":"worker/index.ts:3:5"}');
  expect(trace(line, { root }).traced).toBe(traced);
  expect(describeMap(map)).toContain(sha256.slice(0, 12));

  expect(() => trace("no stack in it", { root, deployed })).toThrow(/names no place/);

  // The checkout has gone on: its lines are others.
  await writeFile(join(root, "worker/index.ts"), source.replace("wrong", "so wrong"));
  const newer = await bundleWorker({ root });
  expect(() => trace(line, { root, deployed })).toThrow(
    new RegExp(
      `is of the bundle that prod runs \\(${sha256.slice(0, 12)}\\).*npx pulumi preview -s prod`,
    ),
  );
  // The map of another variant is at hand as well, and is newer.
  const ways = ["demo"] as const;
  const other = await bundleWorker({ root, ways });
  const running = { stack: "prod", sha256: newer.sha256 };
  expect(trace(line, { root, deployed: running }).map.owner).toBe(newer.sha256);
  expect(trace(line, { root }).map.owner).toBe(other.sha256);
  await Promise.all([rm(toMapPath(file)), rm(toMapPath(other.file))]);
  expect(() => trace(line, { root, deployed })).toThrow(/\.build has none.*-s prod/);
});
