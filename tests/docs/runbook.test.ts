import { visit } from "unist-util-visit";
import { expect, test } from "vitest";
import {
  type Document,
  listAnchors,
  listFiles,
  ownership,
  parseDocument,
  readProject,
  tellCount,
} from "./documents.ts";

const path = "docs/runbook.md";
const page = parseDocument(path, await readProject(path));

/** Parts that are no symptom. */
const notSymptoms = ["Where to look", "Log events"];

/** What each part answers, in this order. */
const questions = [
  ["How to tell", "Why", "Do", "Shows in"],
  ["How to tell", "Why and what to do", "Shows in"],
];

/** Words of clients and of Cloudflare, Pulumi and npm, which stand in no file here. */
const foreignWords: Readonly<Record<string, string>> = {
  "could not connect": "a client's",
  "Unexpected token '\u003c'": "a JavaScript client's",
  "Authorized, but the server returned an error": "Claude's",
  "Block AI bots": "a switch in Cloudflare's dashboard",
  "migration tag precondition failed": "Cloudflare's",
  "the stack is currently locked": "Pulumi's",
};

/** A part of the page: its heading, and its text up to the next. */
function listParts({ text }: Document) {
  return text
    .split(/^## /m)
    .slice(1)
    .map((part) => {
      const [heading = "", ...lines] = part.split("\n");
      return { heading, text: lines.join("\n") };
    });
}

/** Texts in double quotes, of three words and more: those are somebody's own words. */
function listQuotes({ tree }: Document): string[] {
  const quotes: string[] = [];
  visit(tree, "text", ({ value }) => {
    const flat = value.replaceAll("\n", " ");
    for (const [, quote = ""] of flat.matchAll(/"([^"]+)"/g)) {
      if (quote.split(" ").length > 2) quotes.push(quote);
    }
  });
  return quotes;
}

/** The program's own text, with what it takes from others. */
async function readSources(): Promise<string> {
  const own = (await listFiles()).filter((file) =>
    /^(worker|infra|scripts)\/.*\.(tsx?|js)$/.test(file),
  );
  const others = [
    "node_modules/@modelcontextprotocol/server/dist/index.mjs",
    "node_modules/@cloudflare/workers-oauth-provider/dist/oauth-provider.js",
  ];
  return (await Promise.all([...own, ...others].map(readProject))).join("\n");
}

/** Quotes that nobody says. A `…` stands for what differs. */
function findUnsaid(document: Document, sources: string): string[] {
  return listQuotes(document).filter((quote) => {
    if (Object.hasOwn(foreignWords, quote)) return false;
    return !quote.split("…").every((part) => sources.includes(part.trim()));
  });
}

test("every part of the runbook says how to tell, why, what to do and where it shows", () => {
  const parts = listParts(page).filter(({ heading }) => !notSymptoms.includes(heading));
  for (const { heading, text } of parts) {
    const answered = [...text.matchAll(/^- \*\*([^*]+)\*\*/gm)].map(([, label]) => label);
    expect(questions, heading).toContainEqual(answered);
  }
  tellCount("symptoms in the runbook", parts.length);
  expect(parts.length).toBeGreaterThan(35);
});

test("the runbook knows every event that the Worker logs, and no other", async () => {
  const code = (await listFiles()).filter(
    (file) =>
      /^worker\/.*\.tsx?$/.test(file) && !file.includes(".test.") && !ownership.isTheirs(file),
  );
  const texts = await Promise.all(code.map(readProject));
  const logged = texts.flatMap((text) =>
    [...text.matchAll(/\blog(?:Event|Failure)\(\s*"([a-z-]+)"/g)].map(([, name = ""]) => name),
  );
  const [table = ""] = listParts(page).flatMap(({ heading, text }) =>
    heading === "Log events" ? text : [],
  );
  const cells = [...table.matchAll(/^\| (`[^|]*)\|/gm)].map(([, cell = ""]) => cell);
  const written = cells.flatMap((cell) => cell.match(/[a-z][a-z-]*/g) ?? []);
  expect([...new Set(written)].sort()).toEqual([...new Set(logged)].sort());
  tellCount("events of the log", new Set(written).size);
});

test("what the runbook quotes is said by the program", async () => {
  const sources = await readSources();
  expect(findUnsaid(page, sources)).toEqual([]);
  const quotes = listQuotes(page);
  for (const words of Object.keys(foreignWords)) expect(quotes).toContain(words);
  tellCount("quotes in the runbook", quotes.length);
  const invented = parseDocument(
    path,
    '- It says "The server is … very unhappy" and "so are its people".\n',
  );
  expect(findUnsaid(invented, sources)).toEqual([
    "The server is … very unhappy",
    "so are its people",
  ]);
});

test("every part that doctor links to is there", async () => {
  const code = (await listFiles()).filter((file) =>
    /^scripts\/mcp\/doctor\/.*(?<!\.test)\.ts$/.test(file),
  );
  const texts = await Promise.all(code.map(readProject));
  const anchors = listAnchors(page);
  const linked = texts.flatMap((text) =>
    [...text.matchAll(/\brunbook: "([^"]+)"/g)].map(([, anchor = ""]) => anchor),
  );
  for (const anchor of linked) expect(anchors).toContain(anchor);
  tellCount("links of doctor into the runbook", linked.length);
});
