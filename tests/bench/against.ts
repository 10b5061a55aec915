/**
 * `npm run bench:against -- <revision>`: this checkout beside another revision of the repository, in one run, since
 * only such figures can be compared. Takes the options of `npm run bench`; `--profile` tells where the time of a call
 * goes in both, with `--only login` that of a login, and keeps it for docs/performance.md.
 */
import { execFile } from "node:child_process";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "../../infra/bundle.ts";
import { toWords } from "../../scripts/docs/performance/words.ts";
import { UserError } from "../../scripts/errors.ts";
import { runMain } from "../../scripts/run-main.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { createOwn } from "./contestants.ts";
import { figures } from "./figures/index.ts";
import { keepProfiles } from "./keep.ts";
import { chooseWork, readOptions } from "./options.ts";
import { profileWork, toProfileText } from "./profile.ts";
import { runFigures } from "./run.ts";
import { toTerminalTable } from "./table.ts";

/** What is compared unless something else is asked for. */
const usual = ["calls", "connect", "login", "operations", "bundle"];

const git = (...args: string[]) => promisify(execFile)("git", ["-C", projectRoot, ...args]);

await runMain(async () => {
  const known = { figures: figures.map(({ name }) => name), contestants: ["ours", "other"] };
  const { rest, only, rounds, isProfile } = readOptions(process.argv.slice(2), known);
  const [revision] = rest;
  if (revision === undefined) {
    throw new UserError("Name a revision: npm run bench:against -- HEAD~1");
  }
  await using folder = await makeTempFolder();
  const other = join(folder.path, "other");
  await git("worktree", "add", "--detach", other, revision).catch((error: unknown) => {
    throw new UserError(`git does not know the revision ${revision}: ${(error as Error).message}`);
  });
  await using _removed = {
    [Symbol.asyncDispose]: async () => {
      await git("worktree", "remove", "--force", other);
    },
  };
  await symlink(join(projectRoot, "node_modules"), join(other, "node_modules"));
  const here = createOwn("ours", "here", projectRoot);
  const there = createOwn("other", revision, other);
  if (isProfile) {
    const work = chooseWork({ only });
    const before = await profileWork(there, work);
    const after = await profileWork(here, work);
    console.log(`${toProfileText(work, before)}\n${toProfileText(work, after)}`);
    await keepProfiles(work, {
      before: { ...before, title: `Before, at ${revision}` },
      after: { ...after, title: "Now" },
    });
    return;
  }
  const wanted = only.length === figures.length ? usual : only;
  const measured = await runFigures({
    contestants: [here, there],
    figures: figures.filter(({ name }) => wanted.includes(name)),
    rounds,
    onProgress: (words) => console.error(words),
  });
  for (const figure of Object.values(measured)) {
    console.log(`\n${toTerminalTable(figure, { ours: "here", other: revision })}`);
    for (const { label, values } of Object.values(figure.metrics)) {
      const [ours, theirs] = [values.ours?.median, values.other?.median];
      if (ours === undefined || !theirs || ours === theirs) continue;
      console.log(`${label}: ${toWords(ours / theirs)} times`);
    }
  }
});
