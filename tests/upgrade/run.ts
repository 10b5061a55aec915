import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { upgrade } from "../../scripts/upgrade/upgrade.ts";
import type { Repository } from "./repository.ts";

/** How an upgrade ended. */
export interface Ending {
  readonly code: number;
  /** What it said, without colours. */
  readonly text: string;
  /** What npm was called with. */
  readonly npm: readonly string[];
}

/** What is asked of an upgrade, and what npm does in its place. */
export interface Ask {
  readonly from?: string;
  readonly to?: string;
  readonly dryRun?: boolean;
  /** Called with what npm is called with; gives back its exit code. */
  readonly npm?: (command: string) => Promise<number>;
}

/**
 * Upgrades a repository. In npm's place, the lock file gets the name of the package and what it depends on, as
 * `npm install --package-lock-only` would write them; no registry is asked.
 */
export async function runUpgrade(server: Repository, ask: Ask = {}): Promise<Ending> {
  const { from, to, dryRun = false, npm = async () => 0 } = ask;
  const [lines, commands]: [string[], string[]] = [[], []];
  const code = await upgrade(
    { from, to, dryRun },
    {
      root: server.path,
      print: (line) => lines.push(line),
      runNpm: async (args, cwd) => {
        const command = args.join(" ");
        commands.push(command);
        if (command.startsWith("install --package-lock-only")) await writeLock(cwd);
        return npm(command);
      },
    },
  );
  return { code, text: stripVTControlCharacters(lines.join("\n")), npm: commands };
}

async function writeLock(folder: string): Promise<void> {
  const read = async (name: string) => JSON.parse(await readFile(join(folder, name), "utf8"));
  const { name, version, dependencies, devDependencies } = await read("package.json");
  const lock = await read("package-lock.json");
  Object.assign(lock, { name, version });
  Object.assign(lock.packages[""], { name, version, dependencies, devDependencies });
  const text = `${JSON.stringify(lock, undefined, 2)}\n`;
  await writeFile(join(folder, "package-lock.json"), text);
}
