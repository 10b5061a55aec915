import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Config, readSettings } from "../../infra/read-settings.ts";
import { secretSettings, settingsSchema } from "../../infra/settings.ts";
import { collectNeeds } from "../../infra/tool-needs.ts";
import { UserError } from "../../scripts/errors.ts";
import { clients } from "../../scripts/mcp/connect/clients/index.ts";
import { planUndo, planWrite } from "../../scripts/mcp/connect/edit.ts";
import { knownFiles } from "../connect/files.ts";
import { anyCharacter } from "../support/any-character.ts";
import { fixtureSettings, fixtureTools } from "../support/fixture-tools.ts";
import { keepFigures } from "../support/keep-figures.ts";
import { sample } from "../support/sample.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { mutate, mutations } from "./fuzz/mutate.ts";
import { explainAgain, fuzzSeed, makeBatch } from "./fuzz/run.ts";

const file = "tests/abuse/fuzz-files.test.ts";
const project = "remote-mcp-server";
const needs = collectNeeds(fixtureTools, { settings: [], bindings: [] });

/** Every name that a stack may set, and some that it may not. */
const settingNames = [
  ...Object.keys(settingsSchema.shape),
  ...Object.keys(secretSettings),
  ...needs.settings.keys(),
  ...needs.secrets.keys(),
  ...["__proto__", "constructor", "toString", "a b", "", "pulumi:tags"],
];

/** Marks a value that is a secret, so that a message which tells it is found. */
const canary = "canary-of-a-secret-";

const value = fc.oneof(
  fc.string({ unit: anyCharacter, maxLength: 80 }),
  fc.jsonValue({ maxDepth: 4 }).map((json) => JSON.stringify(json)),
  fc.constantFrom(
    ...["", " ", "true", "false", "0", "-1", "1e999", "NaN", "null", "[]", "{}", "[", '{"a":'],
    ...[
      "https://mcp.example.com",
      "http://[::1",
      "https://a:b@c",
      "mcp.example.com/*",
      "github",
      "oidc",
    ],
    ...[
      '["a@example.com"]',
      '[{"clientId":"a","name":"b","redirectUris":["c"]}]',
      "x".repeat(20_000),
    ],
  ),
);

/** What is right: a case is mostly that, or it would be refused for what it lacks. */
const rightSecrets = { weatherApiKey: "key-of-the-weather-service" };
const rightValues: Readonly<Record<string, string>> = {
  ...fixtureSettings,
  environment: "development",
  publicUrl: "https://mcp.example.com",
  customDomain: "mcp.example.com",
  accessTokenLifetime: "600",
  observabilitySampling: "0.25",
  allowedEmails: '["ada@example.com"]',
  strictRevocation: "true",
};

const stack = fc.record({
  isRight: fc.double({ min: 0, max: 1, noNaN: true }).map((share) => share < 0.8),
  values: fc.array(fc.tuple(fc.constantFrom(...settingNames), value), { maxLength: 4 }),
  right: fc.subarray(Object.entries(rightValues)),
  secrets: fc.array(fc.nat(settingNames.length - 1), { maxLength: 2 }),
});

test("no settings of a stack, however wrong, do anything but count or be refused by name", async () => {
  const count = sample(450, 4_000);
  const outcomes = { read: 0, refused: 0 };
  const problems: string[] = [];
  for (const { isRight, values, right, secrets } of makeBatch(stack, 0, count)) {
    const base = isRight
      ? Object.entries({ ...rightSecrets, ...fixtureSettings, ...Object.fromEntries(right) })
      : [];
    const hidden = secrets.map((index) => settingNames[index] ?? "");
    if (isRight) hidden.push(...Object.keys(rightSecrets));
    const given = [...base, ...values].map(([name, text]): [string, string] => {
      const isHidden = hidden.includes(name);
      return [`${project}:${name}`, isHidden ? `${canary}${text}` : text];
    });
    const config: Config = {
      project,
      values: Object.fromEntries(given),
      isSecret: (key) => hidden.includes(key.slice(project.length + 1)),
    };
    try {
      const read = readSettings(config, needs);
      outcomes.read += 1;
      expect(JSON.stringify(read)).not.toContain(canary);
    } catch (error) {
      outcomes.refused += 1;
      const { message } = error as Error;
      const problem = findProblem(error, message);
      if (problem !== undefined) {
        problems.push(`${problem}: ${JSON.stringify(given)}\n${explainAgain(file)}`);
      }
    }
  }
  await keepFigures("fuzz-settings", { cases: count, seed: fuzzSeed, ...outcomes });
  expect(problems.slice(0, 5).join("\n\n")).toBe("");
  for (const times of Object.values(outcomes)) expect(times).toBeGreaterThan(count / 20);
});

function findProblem(error: unknown, message: string): string | undefined {
  if (!(error instanceof UserError)) return `${String(error).slice(0, 300)} instead of a refusal`;
  if (message.includes(canary)) return "a secret is told";
  // A title, and a line each that begins with the name of a setting.
  const [, ...lines] = message.split("\n  - ");
  if (lines.length === 0) return "nothing is named";
  return undefined;
}

const entry = { url: "http://localhost:8787/mcp" };

const withFiles = clients.flatMap((client) => {
  const { id, file: clientFile } = client;
  const known = knownFiles[id];
  return clientFile === undefined || known === undefined ? [] : [{ id, clientFile, known }];
});

const edits = fc.record({
  client: fc.nat(withFiles.length - 1),
  isAfter: fc.boolean(),
  all: mutations,
});

test("no file of a client, however broken, is lost: it gets its entry and is given back, or stays as it is", {
  timeout: sample(120_000, 600_000),
}, async () => {
  await using folder = await makeTempFolder();
  const count = sample(220, 1_500);
  const outcomes = { written: 0, refused: 0 };
  const problems: string[] = [];
  for (const [number, { client, isAfter, all }] of makeBatch(edits, 0, count).entries()) {
    const { id, clientFile, known } = withFiles[client] ?? withFiles[0] ?? {};
    if (clientFile === undefined || known === undefined) throw new Error("No client has a file.");
    const before = mutate(Buffer.from(isAfter ? known.after : known.before), all);
    const path = join(folder.path, `${number}.json`);
    await writeFile(path, before);
    const place = { file: clientFile, path, name: "example" };
    try {
      const write = await planWrite(place, entry);
      await write.carryOut();
      const undo = await planUndo(place);
      await undo.carryOut();
      outcomes.written += 1;
    } catch (error) {
      outcomes.refused += 1;
      // A line for the person, which names the file.
      if (!(error instanceof UserError && error.message.includes(path))) {
        problems.push(`${id}: ${String(error).slice(0, 300)}\n${explainAgain(file)}`);
      }
    }
    const after = await readFile(path);
    if (!after.equals(before)) {
      problems.push(
        `${id}: the bytes changed: ${JSON.stringify(before.toString("latin1"))}\n${explainAgain(file)}`,
      );
    }
  }
  await keepFigures("fuzz-connect", { cases: count, seed: fuzzSeed, ...outcomes });
  expect(problems.slice(0, 5).join("\n\n")).toBe("");
  expect(outcomes.written).toBeGreaterThan(count / 20);
  expect(outcomes.refused).toBeGreaterThan(count / 20);
});
