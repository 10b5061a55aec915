import { parseTOML } from "toml-eslint-parser";
import { expect, test } from "vitest";
import { parse as parseYaml } from "yaml";
import { findMarkProblems, needs } from "./command-marks.ts";
import {
  type Block,
  type Found,
  listBlocks,
  listCommands,
  parseDocument,
  readDocuments,
  tellCount,
} from "./documents.ts";

test("every command of the documents is run by a test, or says what it needs", async () => {
  const documents = await readDocuments();
  const problems = await Promise.all(documents.map(findMarkProblems));
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
  expect(await findMarkProblems(parseDocument("docs/a.md", text))).toEqual([
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
