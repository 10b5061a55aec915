import { existsSync } from "node:fs";
import { posix } from "node:path";
import { type Document, listBlocks, listCommands, readProject } from "./documents.ts";
import { scripts } from "./unknown-scripts.ts";

/** What a command may need that no test has. */
export const needs = ["an account", "a client", "a deployed server", "an idle machine"];

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
export async function findMarkProblems(document: Document): Promise<string[]> {
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
