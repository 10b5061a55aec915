import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { visit } from "unist-util-visit";
import { expect, test, vi } from "vitest";
import { projectRoot } from "../../infra/bundle.ts";
import { runCommandLine } from "../../scripts/mcp/command-line.ts";
import {
  type Document,
  listAllCommands,
  listInlineCode,
  parseDocument,
  readDocuments,
  readProject,
  tellCount,
} from "./documents.ts";
import { findUnknownScripts, scripts } from "./unknown-scripts.ts";

/** Programs with options of their own, as they are called. */
const programs = [
  "npm start",
  "npm run cloud",
  "npm run new:tool",
  "npm run screenshots",
  "npm run upgrade",
];

/** Runs `npm start -- …` or `npm run <script> -- …` without npm, which a machine may not have. */
async function run(command: string, ...args: string[]): Promise<string> {
  const name = command.replace(/^npm (?:run )?/, "");
  const file = /&& node (\S+)$/.exec(scripts[name] ?? "")?.[1];
  if (file === undefined) throw new Error(`package.json has no script for "${command}".`);
  const options = { cwd: projectRoot };
  return (await promisify(execFile)(process.execPath, [file, ...args], options)).stdout;
}

/** Commands that a help lists, each with what it is for. Arguments and examples look like them. */
function listCommandsOf(help: string): string[] {
  const ownForm = help.startsWith("Usage:") ? "" : help;
  const section = /^Commands:\n((?: .*\n)+)/m.exec(help)?.[1] ?? ownForm;
  const lines = section.matchAll(/^ {2}([a-z]+)(?: .*)? {2,}\S/gm);
  return [...lines].flatMap(([, name = ""]) => (/^(help|npm)$/.test(name) ? [] : name));
}

/** What `npm run mcp -- <command> --help` prints, without a process for each of them. */
async function readHelp(...command: string[]): Promise<string> {
  let printed = "";
  using write = vi.spyOn(process.stdout, "write");
  write.mockImplementation((text) => {
    printed += text;
    return true;
  });
  expect(await runCommandLine([...command, "--help"])).toBe(0);
  return printed;
}

/** Scripts of this project, which a person's own may be beside. npm itself runs `postinstall`, which is not among them. */
function listOwnScripts(): string[] {
  const begin = "node scripts/check-node.js && ";
  return Object.keys(scripts).filter((name) => scripts[name]?.startsWith(begin));
}

/** Commands in the first column of the tables of a page's section; `-s` keeps npm quiet. */
function listRows(page: string, heading: string): string[] {
  const [, section = ""] = page.split(`\n## ${heading}\n`);
  const rows: string[] = [];
  visit(parseDocument(heading, section.split("\n## ")[0] ?? "").tree, "tableRow", (row) => {
    for (const cell of row.children.slice(0, 1)) {
      visit(cell, "inlineCode", ({ value }) => {
        rows.push(value.replace("run -s ", "run "));
      });
    }
  });
  return rows;
}

/** The help of a command of `npm run mcp`, with that of its own commands. */
async function readMcpHelp(command: string): Promise<string> {
  const help = await readHelp(command);
  const all = [help];
  for (const name of listCommandsOf(help)) all.push(await readHelp(command, name));
  return all.join("\n");
}

/**
 * Options of a program that its help does not know.
 * @param program as it is called, up to its options.
 */
function findUnknownOptions(documents: readonly Document[], program: string, help: string) {
  return documents.flatMap(listAllCommands).flatMap(({ value, at }) => {
    if (!value.startsWith(`${program} `)) return [];
    const options = value.replaceAll(/"[^"]*"|'[^']*'/g, "").match(/(?<=\s)--[a-z][a-z-]*/g) ?? [];
    return options.flatMap((option) =>
      new RegExp(`${option}(?![\\w-])`).test(help) ? [] : `${at}: ${program} takes no ${option}`,
    );
  });
}

test("every npm script that the documents name is there, and each that is there is named", async () => {
  const documents = await readDocuments();
  expect(findUnknownScripts(documents)).toEqual([]);
  const named = documents.flatMap(listAllCommands).map(({ value }) => value);
  for (const name of listOwnScripts()) {
    const call = new RegExp(`^${name}$|\\bnpm (?:run )?(?:-s )?${name}(?![\\w:])`);
    expect(
      named.some((text) => call.test(text)),
      name,
    ).toBe(true);
  }
  tellCount("npm scripts", Object.keys(scripts).length);
});

test("every option that the documents give to a program is in its help", async () => {
  const documents = await readDocuments();
  for (const program of programs) {
    const help = await run(program, "--help");
    expect(help).toContain("--help");
    expect(findUnknownOptions(documents, `${program} --`, help)).toEqual([]);
  }
  const commands = listCommandsOf(await run("npm run mcp", "--help"));
  for (const command of commands) {
    const help = await readMcpHelp(command);
    expect(findUnknownOptions(documents, `npm run mcp -- ${command}`, help)).toEqual([]);
  }
  tellCount("programs asked for their help", programs.length + 1 + commands.length);
});

test("docs/local-cloud.md has a line for every option of the local cloud, and for no other", async () => {
  const help = await run("npm run cloud", "--help");
  const known = new Set(help.match(/^ {2}--[a-z-]+/gm)?.map((option) => option.trim()));
  const page = parseDocument("docs/local-cloud.md", await readProject("docs/local-cloud.md"));
  const written = listInlineCode(page).flatMap(({ value }) => /^--[a-z-]+/.exec(value) ?? []);
  expect([...new Set(written), "--help"].sort()).toEqual([...known].sort());
  tellCount("options of the local cloud", known.size);
});

test("every command of npm run mcp that the documents name is there, and each that is there is named", async () => {
  const documents = await readDocuments();
  const listed = listCommandsOf(await run("npm run mcp", "--help"));
  expect(listed).toContain("admin");
  const named = documents.flatMap(listAllCommands).flatMap(({ value, at }) => {
    const [, name] = /\bnpm run mcp -- ([a-z]+)/.exec(value) ?? [];
    return name === undefined ? [] : { name, at };
  });
  for (const { name, at } of named) expect(listed, at).toContain(name);
  for (const name of listed) expect(named.map((one) => one.name)).toContain(name);
  tellCount("commands of npm run mcp", listed.length);
});

test("docs/architecture.md has a row for every script and every command of npm run mcp, and for no other", async () => {
  const rows = listRows(await readProject("docs/architecture.md"), "Commands");
  // npm knows these two without `run`; the commands of `mcp` have rows of their own.
  const own = listOwnScripts().flatMap((name) => (name === "mcp" ? [] : `npm run ${name}`));
  const ofMcp = listCommandsOf(await run("npm run mcp", "--help"));
  const all = [...own, ...ofMcp.map((name) => `npm run mcp -- ${name}`)];
  const called = all.map((name) => name.replace(/^npm run (start|test)$/, "npm $1"));
  expect(rows.sort()).toEqual(called.sort());
  tellCount("rows of commands in docs/architecture.md", rows.length);
});

test("a script, an option and a command that are gone are found", () => {
  const text = "`npm run gone` `npm run cloud -- --gone --port 1` `npm start -- --port 1`\n";
  const documents = [parseDocument("docs/a.md", text)];
  expect(findUnknownScripts(documents)).toEqual(['docs/a.md:1: package.json has no script "gone"']);
  expect(findUnknownOptions(documents, "npm run cloud --", "--port <number>\n--gone-too")).toEqual([
    "docs/a.md:1: npm run cloud -- takes no --gone",
  ]);
});
