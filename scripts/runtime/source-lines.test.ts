import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { bundleWorker } from "../../infra/bundle.ts";
import { makeTempFolder } from "../../tests/support/temp-folder.ts";
import { WorkerRuntime } from "./runtime.ts";
import { SourceLines } from "./source-lines.ts";

const source = `/** Says what is wrong. */
function fail(name: string): never {
  throw new Error(\`\${name} is wrong\`);
}

export default {
  fetch(): Response {
    try {
      fail("It");
    } catch (error) {
      return new Response((error as Error).stack);
    }
  },
};
`;

test("a stack of the running Worker leads to the lines of its sources, and the bundle knows of no map", async () => {
  await using folder = await makeTempFolder();
  const root = folder.path;
  await mkdir(join(root, "worker"));
  await writeFile(join(root, "worker/index.ts"), source);
  await writeFile(join(root, "worker/tsconfig.json"), "{}");
  const { file, code } = await bundleWorker({ root });
  expect(code).not.toContain("sourceMappingURL");
  await using runtime = await WorkerRuntime.boot([
    {
      name: "failing",
      modules: [{ name: "worker.js", type: "ESModule", contents: code }],
      compatibilityDate: "2026-01-01",
      compatibilityFlags: [],
      bindings: [],
      crons: [],
    },
  ]);
  const answer = await fetch(`http://127.0.0.1:${runtime.port}/`, {
    headers: runtime.headersFor(),
  });
  const stack = await answer.text();
  let running: string | undefined;
  const lines = new SourceLines(dirname(file), root, () => running);
  expect(lines.translate(stack)).toBe(stack);
  running = code;
  expect(lines.translate(stack)).toMatch(/worker\/index\.ts:3:9[\s\S]*worker\/index\.ts:9:7/);

  // The code is the same when only a line has moved, and the map is not.
  await writeFile(join(root, "worker/index.ts"), `// Moved\n${source}`);
  const moved = await bundleWorker({ root });
  expect(moved.code).toBe(code);
  expect(lines.translate(stack)).toMatch(/worker\/index\.ts:4:9[\s\S]*worker\/index\.ts:10:7/);

  // Another bundle beside it, which somebody else made since.
  await writeFile(join(root, "worker/other.ts"), source.replaceAll("wrong", "bad"));
  await bundleWorker({ root, entryPoint: "worker/other.ts" });
  expect(lines.translate(stack)).toMatch(/worker\/index\.ts:4:9[\s\S]*worker\/index\.ts:10:7/);

  // Of another bundle it would be a wrong place.
  running = `${code} `;
  expect(lines.translate(stack)).toBe(stack);
  running = code;
  expect(lines.translate("my-worker.js:1:1 and a/worker.js:1:1")).toBe(
    "my-worker.js:1:1 and a/worker.js:1:1",
  );
  expect(await readFile(`${file}.map`, "utf8")).not.toContain("is wrong");
});
