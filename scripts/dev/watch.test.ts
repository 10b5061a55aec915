import { execFile } from "node:child_process";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { makeTempFolder } from "../../tests/support/temp-folder.ts";
import { type Change, type ChangeKind, type TakeOver, watchCheckout } from "./watch.ts";

/** A small checkout that is watched, and what its watcher told. */
async function watchFolder(takeOver: TakeOver = async () => undefined) {
  const folder = await makeTempFolder();
  const path = (file: string) => join(folder.path, file);
  for (const part of ["worker/tools", "infra", ".dev"]) {
    await mkdir(path(part), { recursive: true });
  }
  await writeFile(path("worker/tools/sum.ts"), "0");
  await writeFile(path("worker/log.ts"), "0");
  await writeFile(path("Pulumi.dev.yaml"), "config: {}");
  const changes: Change[] = [];
  const begun: ChangeKind[] = [];
  const watcher = await watchCheckout(
    { stack: "dev", root: folder.path, onBegin: (kind) => begun.push(kind) },
    async (change, isOld) => {
      changes.push(change);
      await takeOver(change, isOld);
    },
  );
  return {
    path,
    changes,
    begun,
    /** Waits until a change of these files was told, and forgets it. */
    async expectChange(kind: Change["kind"], files: readonly string[]) {
      const told = () => [...new Set(changes.flatMap((change) => change.files))];
      // A busy machine may tell of the save before once more.
      await expect.poll(told, { timeout: 20_000 }).toEqual(expect.arrayContaining([...files]));
      expect(changes.map((change) => change.kind)).toContain(kind);
      changes.length = 0;
    },
    async [Symbol.asyncDispose]() {
      await watcher[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

test("a file is seen however it is saved, and again after it was replaced", async () => {
  await using watched = await watchFolder();
  const file = "worker/tools/sum.ts";
  const inPlace = async (text: string) => {
    await writeFile(watched.path(file), text);
    await watched.expectChange("tools", [file]);
  };
  await inPlace("1");
  // `sed -i`, `git checkout` and most editors.
  await writeFile(watched.path(`${file}.tmp`), "2");
  await rename(watched.path(`${file}.tmp`), watched.path(file));
  await watched.expectChange("tools", [file]);
  await inPlace("3");
  // vim with a backup: the old file is moved away, the new one created.
  await rename(watched.path(file), watched.path(`${file}~`));
  await writeFile(watched.path(file), "4");
  await watched.expectChange("tools", [file]);
  await inPlace("5");
  await rm(watched.path(file));
  await watched.expectChange("tools", [file]);
  await writeFile(watched.path(file), "6");
  await watched.expectChange("tools", [file]);
  await inPlace("7");
});

test("a change asks for as much as the file needs, and what is in no Worker asks for nothing", async () => {
  await using watched = await watchFolder();
  for (const ignored of [
    "worker/log.test.ts",
    "worker/.log.ts.swp",
    "Pulumi.prod.yaml",
    "notes.md",
  ]) {
    await writeFile(watched.path(ignored), "1");
  }
  await writeFile(watched.path("worker/log.ts"), "1");
  await watched.expectChange("code", ["worker/log.ts"]);
  await writeFile(watched.path("Pulumi.dev.yaml"), "config: { a: b }");
  await watched.expectChange("program", ["Pulumi.dev.yaml"]);
  await writeFile(watched.path("infra/program.ts"), "1");
  await watched.expectChange("program", ["infra/program.ts"]);
  await writeFile(watched.path(".dev/secrets.yaml"), "key: a");
  await watched.expectChange("program", [".dev/secrets.yaml"]);
  await writeFile(watched.path("worker/env.ts"), "1");
  await watched.expectChange("program", ["worker/env.ts"]);
});

test("a folder that is new, and 200 files at once, are seen", async () => {
  await using watched = await watchFolder();
  await mkdir(watched.path("worker/tools/orders"));
  await writeFile(watched.path("worker/tools/orders/list.ts"), "1");
  await watched.expectChange("tools", ["worker/tools/orders/list.ts"]);
  const files = Array.from({ length: 200 }, (_, index) => `worker/file-${index}.ts`);
  await Promise.all(files.map((file) => writeFile(watched.path(file), "1")));
  await watched.expectChange("code", files);
});

test("a branch that is switched is seen, and edits after it too", async () => {
  await using watched = await watchFolder();
  const git = (...args: string[]) =>
    promisify(execFile)("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args], {
      cwd: watched.path("."),
    });
  await git("init", "-q", "-b", "main");
  await git("add", "-A");
  await git("commit", "-qm", "one");
  await git("switch", "-qc", "other");
  await writeFile(watched.path("worker/log.ts"), "other");
  await writeFile(watched.path("infra/program.ts"), "other");
  await watched.expectChange("program", ["infra/program.ts", "worker/log.ts"]);
  await git("add", "-A");
  await git("commit", "-qm", "two");
  await git("switch", "-q", "main");
  await watched.expectChange("program", ["infra/program.ts", "worker/log.ts"]);
  expect(await readFile(watched.path("worker/log.ts"), "utf8")).toBe("0");
  await writeFile(watched.path("worker/log.ts"), "2");
  await watched.expectChange("code", ["worker/log.ts"]);
});

test("what changes while a call runs is told by one further call", async () => {
  const folder = await makeTempFolder();
  await using _folder = folder;
  await mkdir(join(folder.path, "worker"));
  const first = Promise.withResolvers<void>();
  const changes: Change[] = [];
  await using _watcher = await watchCheckout(
    { stack: "dev", root: folder.path },
    async (change) => {
      changes.push(change);
      if (changes.length === 1) await first.promise;
    },
  );
  await writeFile(join(folder.path, "worker/a.ts"), "1");
  await expect.poll(() => changes.length, { timeout: 20_000 }).toBe(1);
  for (const name of ["b", "c", "d"]) {
    await writeFile(join(folder.path, `worker/${name}.ts`), "1");
    // Longer than an editor's pause: each would be a reload of its own.
    await new Promise((resolve) => setTimeout(resolve, 80));
  }
  first.resolve();
  await expect
    .poll(() => changes.flatMap(({ files }) => files), { timeout: 20_000 })
    .toEqual(["worker/a.ts", "worker/b.ts", "worker/c.ts", "worker/d.ts"]);
  expect(changes.length).toBeLessThanOrEqual(3);
});

test("what a change has left to do gives way to the next one, which waits until it is whole", async () => {
  const begun = Promise.withResolvers<void>();
  const second: string[] = [];
  let isFirst = true;
  await using watched = await watchFolder(async ({ files }, isOld) => {
    if (!isFirst) return void second.push(...files);
    isFirst = false;
    begun.resolve();
    await new Promise((resolve) => isOld.addEventListener("abort", resolve));
    // Ends at once; a file that is written in steps is not read in between.
    expect(second).toEqual([]);
  });
  await writeFile(watched.path("worker/tools/sum.ts"), "1");
  await begun.promise;
  await writeFile(watched.path("worker/log.ts"), "1");
  await expect.poll(() => second, { timeout: 20_000 }).toContain("worker/log.ts");
});

test("the beginning of a burst is told before the burst is, once, by what its first file asks for", async () => {
  const begunAtChange: ChangeKind[][] = [];
  await using watched = await watchFolder(async () => {
    begunAtChange.push([...watched.begun]);
  });
  await writeFile(watched.path("worker/log.ts"), "1");
  await watched.expectChange("code", ["worker/log.ts"]);
  expect(begunAtChange[0]).toEqual(["code"]);
  await writeFile(watched.path("Pulumi.dev.yaml"), "config: { a: 1 }");
  await watched.expectChange("program", ["Pulumi.dev.yaml"]);
  // A busy machine may make two bursts of one save, so that of the code may begin once more after it.
  expect(watched.begun).toContain("program");
  await expect.poll(() => begunAtChange.length).toBe(watched.begun.length);
});
