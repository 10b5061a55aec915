import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ConcurrentUpdateError } from "@pulumi/pulumi/automation/index.js";
import { expect, onTestFinished, test } from "vitest";
import {
  describeLocks,
  isLeftBehind,
  isOlder,
  operate,
  readLocks,
  releaseLocks,
  removeLock,
} from "./operate.ts";

/** What the CLI 3.259 says of a folder whose stack is held. */
const said = (url: string, host: string, pid: number) =>
  `error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.\n  ${url}: created by ada@${host} (pid ${pid}) at 2026-11-25T13:55:08Z`;

/** Above every process id that Linux gives. */
const noProcess = 2 ** 22 + 1;

test("a lock is told by who holds it, and is left behind only where its process of this machine is gone", () => {
  const [own] = readLocks(said("file:///state/x.json", hostname(), process.pid));
  if (own === undefined) throw new Error("The lock was not found.");
  expect(own).toMatchObject({ url: "file:///state/x.json", user: "ada", pid: process.pid });
  expect(isLeftBehind(own)).toBe(false);
  expect(isLeftBehind({ ...own, pid: noProcess })).toBe(true);
  expect(isLeftBehind({ ...own, pid: noProcess, host: "another" })).toBe(false);
  expect(describeLocks([own])).toBe(
    `a run of ada on ${hostname()} (process ${process.pid}, since 2026-11-25T13:55:08Z)`,
  );
  expect(readLocks("[409] Conflict: Another update is currently in progress.")).toEqual([]);
  expect(describeLocks([])).toBe("another run");
});

test("only the lock that was read is removed, and one in a bucket is not", async () => {
  const backend = await mkdtemp(join(tmpdir(), "locks-"));
  onTestFinished(() => rm(backend, { recursive: true }));
  const folder = join(backend, ".pulumi/locks/organization/project/x");
  await mkdir(folder, { recursive: true });
  for (const name of ["old.json", "new.json"]) await writeFile(join(folder, name), "{}");
  const url = pathToFileURL(join(folder, "old.json")).href;
  const [lock] = readLocks(said(url, hostname(), noProcess));
  if (lock === undefined) throw new Error("The lock was not found.");
  expect(await removeLock(lock)).toBe(true);
  // Another run was faster.
  expect(await removeLock(lock)).toBe(true);
  expect(await readdir(folder)).toEqual(["new.json"]);
  expect(await removeLock({ ...lock, url: "s3://bucket/x.json" })).toBe(false);
  // Who holds a lock is free text: what looks like one may name any file.
  const other = pathToFileURL(join(backend, "precious.json")).href;
  await writeFile(join(backend, "precious.json"), "{}");
  expect(await removeLock({ ...lock, url: other })).toBe(false);
  expect(await readdir(backend)).toContain("precious.json");
});

test("a lock is too old only where somebody said how old one may be", () => {
  const [lock] = readLocks(said("s3://bucket/x.json", "another", 1));
  if (lock === undefined) throw new Error("The lock was not found.");
  const after = (minutes: number) => lock.since.getTime() + minutes * 60_000;
  expect(isOlder(lock, 30 * 60_000, after(31))).toBe(true);
  expect(isOlder(lock, 30 * 60_000, after(30))).toBe(false);
  expect(isOlder(lock, undefined, after(10_000))).toBe(false);
});

test("locks in a bucket are released when the same ones are read again, and not those that came meanwhile", async () => {
  const [old] = readLocks(said("s3://bucket/old.json", "another", 1));
  const [young] = readLocks(said("s3://bucket/young.json", "another", 2));
  if (old === undefined || young === undefined) throw new Error("The locks were not found.");
  let cancelled = 0;
  const cancel = async () => {
    cancelled += 1;
  };
  expect(await releaseLocks([old], [], cancel)).toBe(false);
  expect(await releaseLocks([old, young], [old], cancel)).toBe(false);
  expect(await releaseLocks([old], [old])).toBe(false);
  expect(cancelled).toBe(0);
  expect(await releaseLocks([old], [old], cancel)).toBe(true);
  expect(cancelled).toBe(1);
});

test("an interruption while another run is waited for ends the wait, and nothing runs after it", async () => {
  const interrupt = new AbortController();
  let tries = 0;
  const held = said("s3://states/.pulumi/locks/1.json", "elsewhere", 1);
  const waiting = operate(
    {
      stack: "prod",
      verb: "deploy",
      signal: interrupt.signal,
      onWait: () => interrupt.abort(),
    },
    async () => {
      tries++;
      const error = Object.create(ConcurrentUpdateError.prototype) as ConcurrentUpdateError;
      throw Object.assign(error, { message: held });
    },
  );
  await expect(waiting).rejects.toThrow("Interrupted while trying to deploy prod.");
  expect(tries).toBe(1);
});
