import { existsSync } from "node:fs";
import { posix } from "node:path";
import { parseTOML } from "toml-eslint-parser";
import { expect, test } from "vitest";
import { parse as parseYaml } from "yaml";
import {
  type Block,
  type Document,
  type Found,
  listBlocks,
  listCommands,
  parseDocument,
  readDocuments,
  readProject,
  tellCount,
} from "./documents.ts";

/** What a command may need that no test has. */
const needs = ["an account", "a client", "a deployed server"];

/** What tests do in place of a command. */
const standIns: Readonly<Record<string, RegExp>> = {
  // The backend is a variable there: a login would change the person's own.
  "npx pulumi login --local": /PULUMI_BACKEND_URL: `file:/,
  // `.ci/run` does it, before any test.
  "npm ci": /npm ci|from "vitest"/,
};

/** Of a test file, its own text and that of what it imports of `tests/`. */
async function readWithSupport(file: string, seen = new Set<string>()): Promise<string> {
  if (seen.has(file)) return "";
  seen.add(file);
  const text = await readProject(file);
  const imports = [...text.matchAll(/from "(\.[^"]+)"/g)]
    .map(([, target = ""]) => posix.join(posix.dirname(file), target))
    // A test may write a program of its own, whose imports are none of this project's.
    .filter((target) => target.startsWith("tests/") && existsSync(target));
  const others = await Promise.all(imports.map((target) => readWithSupport(target, seen)));
  return [text, ...others].join("\n");
}

interface Scripts {
  readonly scripts: Readonly<Record<string, string>>;
}

const { scripts } = JSON.parse(await readProject("package.json")) as Scripts;

/** What a test that runs the command must hold: each word of it that is no value of the reader's. */
function listNeededWords(command: string): RegExp[] {
  const standIn = standIns[command];
  if (standIn !== undefined) return [standIn];
  const bare = command
    .replace(/^eval "\$\((.*)\)"$/, "$1")
    .replace(/\s+#.*$/, "")
    .replace(/ (?:-s|--stack) \S+/, "")
    .replaceAll(/"[^"]*"|'[^']*'/g, "");
  const [, script, options = ""] = /^npm (?:run )?(?:-s )?([\w:]+)(?: --)?(.*)$/.exec(bare) ?? [];
  if (script !== undefined) {
    const file = /&& (?:node )?([\w./]+)/.exec(scripts[script] ?? "")?.[1] ?? script;
    const either = new RegExp(`npm (?:run )?${script}(?!\\S)|${file.replaceAll(".", "\\.")}`);
    return [either, ...options.split(" ").flatMap(toWord)];
  }
  const words = bare.replace(/^(?:npx|export) /, "").split(" ");
  const [program = "", ...others] = words.map((word) => word.split("=")[0] ?? "");
  return [new RegExp(program.replace(/^.*\//, "")), ...others.flatMap(toWord)];
}

/** A subcommand or a long option; a value has other characters, or is short. */
function toWord(word: string): RegExp[] {
  if (!/^(?:--)?[a-z][a-z-]{2,}$/.test(word)) return [];
  return [new RegExp(`(?<![\\w-])${word}(?![\\w-])`)];
}

/** What is wrong with the marks of a document's commands. */
async function findProblems(document: Document): Promise<string[]> {
  const whole = /^<!-- every block is run by (\S+) -->$/m.exec(document.text)?.[1];
  const problems: string[] = [];
  // Such a test takes its blocks from the document itself.
  if (whole !== undefined && !(await readProject(whole)).includes(`read("${document.path}")`)) {
    problems.push(`${document.path}: ${whole} does not read it`);
  }
  for (const { value: block, at } of listBlocks(document)) {
    const commands = listCommands(block).flatMap((line) => line.split(" && "));
    if (commands.length === 0) continue;
    const { mark } = block;
    if (mark === undefined && whole !== undefined) continue;
    if (mark === undefined) problems.push(`${at}: nobody says who runs "${commands[0]}"`);
    else if (mark.startsWith("needs ")) {
      if (!needs.includes(mark.slice("needs ".length))) problems.push(`${at}: ${mark}?`);
    } else problems.push(...(await findNotRun(mark, commands)).map((text) => `${at}: ${text}`));
  }
  return problems;
}

async function findNotRun(mark: string, commands: readonly string[]): Promise<string[]> {
  const files = mark.replace(/^run by /, "").split(", ");
  const gone = files.filter((file) => !existsSync(file));
  if (gone.length > 0) return gone.map((file) => `${file} is not there`);
  const texts = await Promise.all(files.map((file) => readWithSupport(file)));
  return commands.flatMap((command) => {
    const words = listNeededWords(command);
    if (texts.some((text) => words.every((word) => word.test(text)))) return [];
    return `${files.join(", ")} does not run "${command}"`;
  });
}

test("every command of the documents is run by a test, or says what it needs", async () => {
  const documents = await readDocuments();
  const problems = await Promise.all(documents.map(findProblems));
  expect(problems.flat()).toEqual([]);
  const blocks = documents.flatMap(listBlocks).filter(hasCommands);
  const waiting = blocks.filter(({ value }) => value.mark?.startsWith("needs "));
  tellCount("blocks of commands", blocks.length);
  tellCount("of them run by tests", blocks.length - waiting.length);
  for (const need of needs) {
    const count = waiting.filter(({ value }) => value.mark === `needs ${need}`).length;
    tellCount(`of them need ${need}`, count);
    expect(count, need).toBeGreaterThan(0);
  }
});

function hasCommands({ value }: Found<Block>): boolean {
  return listCommands(value).length > 0;
}

test("a command without a mark, with a wrong one or that its test does not run is found", async () => {
  const block = (mark: string, command: string) => `${mark}\n\n\`\`\`sh\n${command}\n\`\`\`\n\n`;
  const text = [
    block("", "npm start"),
    block("<!-- needs luck -->", "npm start"),
    block("<!-- run by tests/gone.test.ts -->", "npm start"),
    block("<!-- run by tests/cloud/headline.test.ts -->", "npx pulumi stack rename local"),
    block("<!-- run by tests/cloud/headline.test.ts -->", "npx pulumi up -s local"),
    block("<!-- run by tests/dev/new-tool.test.ts -->", "npm run new:tool -- x --nothing y"),
    "```\n$ npm run bench\n12 ms\n```\n",
  ].join("");
  expect(await findProblems(parseDocument("docs/a.md", text))).toEqual([
    'docs/a.md:3: nobody says who runs "npm start"',
    "docs/a.md:9: needs luck?",
    "docs/a.md:15: tests/gone.test.ts is not there",
    'docs/a.md:21: tests/cloud/headline.test.ts does not run "npx pulumi stack rename local"',
    'docs/a.md:33: tests/dev/new-tool.test.ts does not run "npm run new:tool -- x --nothing y"',
    'docs/a.md:37: nobody says who runs "npm run bench"',
  ]);
});

test("blocks of JSON, YAML and TOML can be read", async () => {
  const readers: Readonly<Record<string, (text: string) => unknown>> = {
    json: (text) => JSON.parse(text),
    yaml: (text) => parseYaml(text),
    toml: (text) => parseTOML(text),
  };
  let count = 0;
  for (const document of await readDocuments()) {
    for (const { value, at } of listBlocks(document)) {
      const read = readers[value.language];
      if (read === undefined) continue;
      count += 1;
      expect(() => read(value.text), at).not.toThrow();
    }
  }
  tellCount("blocks of JSON, YAML and TOML", count);
  expect(count).toBeGreaterThan(8);
});
