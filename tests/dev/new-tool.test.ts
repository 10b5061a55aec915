import { expect, test } from "vitest";
import { waitUntilReady } from "../support/checkout.ts";
import { listNewFindings, makeFixtureCheckout } from "../support/fixture-checkout.ts";
import { postMessage, toToolCall } from "../support/mcp-by-hand.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { storyTime } from "../support/patience.ts";
import { Person } from "../support/person.ts";
import { sample } from "../support/sample.ts";

test("a new tool is served at once, and is right before its first edit, whatever its name", {
  timeout: 3 * storyTime,
}, async () => {
  await using checkout = await makeFixtureCheckout({ hasTests: true });
  await using program = checkout.serve();
  const origin = await waitUntilReady(program);
  const app = await OAuthApp.register(origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"));

  const command = `npm run new:tool -- count_words --title 'Count "words"' --scope demo:use`;
  const { code, stdout, stderr } = await checkout.runCommand(command);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("npx vitest --project worker worker/tools/count-words.test.ts");

  await expect
    .poll(async () => {
      const call = toToolCall("count_words", { text: "one two" });
      return (await postMessage(`${origin}/mcp`, accessToken, call)).text();
    })
    .toContain('"structuredContent":{"words":2}');

  const inside = await checkout.read("worker/tools/index.ts");
  expect(inside).toContain('import countWords from "./count-words.ts";');
  expect(inside).toMatch(/ {2}countWords,\n\];/);
  await program[Symbol.asyncDispose]();
  for (const check of [
    "npm run docs",
    "npx biome ci --colors=off worker scripts docs",
    "npx vitest run --project unit --project worker count-words generated",
  ]) {
    const result = await checkout.runCommand(check);
    expect(result.code, `${check}\n${result.stdout}${result.stderr}`).toBe(0);
  }
  expect(await listNewFindings(checkout)).toEqual([]);
  expect(await checkout.read("docs/server/tools.md")).toContain(
    '| `count_words`    | Count "words"',
  );

  // Words of the language, or of the test, are names like others.
  for (const name of ["delete", "test", "call_tool", "z"]) {
    const made = await checkout.runCommand(`npm run new:tool -- ${name} --title 'Tool */'`);
    expect(made).toMatchObject({ code: 0, stderr: "" });
  }
  // Outside of the Worker, tools-document.test.ts has the types looked at.
  for (const project of sample(["worker"], [".", "worker"])) {
    const result = await checkout.runCommand(`npx tsc -p ${project}`);
    expect(result, project).toMatchObject({ code: 0, stdout: "" });
  }
});

test("what cannot be a tool, or in the list, is refused with the field, the reason and the next step", async () => {
  await using checkout = await makeFixtureCheckout({ hasTests: true });
  await checkout.write("worker/tools/taken-file.test.ts", "// somebody's own\n");
  const refusals = [
    ["", /^name: a tool has one name, and there is none\. Give one\./],
    ["one two", /^name: a tool has one name, and these are 2\./],
    ["CountWords", /^name: "CountWords" is not a name .* Use one like count_words\./],
    ["count-words", /^name: "count-words" is not a name .* Use one like count_words\./],
    ["9_lives", /^name: "9_lives" is not a name .* Use one like lives\./],
    [
      `${"long_".repeat(10)}name`,
      /^name: .* has 54 characters, and clients take 48\. Use a shorter/,
    ],
    ["sum", /^name: a tool "sum" already exists, .* Use another name, or edit that tool\./],
    ["values", /^name: the file worker\/tools\/values\.ts already exists\./],
    ["taken_file", /^name: the file worker\/tools\/taken-file\.test\.ts already exists\./],
    [
      "tried --scope maths",
      /^--scope: there is no scope "maths"\. There are: demo:use, .*scopes\.ts/,
    ],
    ["tried --title ''", /^--title: a title is one line of 3 to 40 characters\. Give one/],
    ["tried --description ' '", /^--description: a description is one line of text\. Give one/],
    ["tried --colour red", /Unknown option '--colour'/],
  ] as const;
  const before = await checkout.runCommand("cat worker/tools/* | cksum; ls worker/tools");
  for (const [args, words] of refusals) {
    const { code, stderr } = await checkout.runCommand(`npm run new:tool -- ${args}`);
    expect(code, args).toBe(1);
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/\n {4}at /);
  }
  expect(await checkout.runCommand("cat worker/tools/* | cksum; ls worker/tools")).toEqual(before);

  // Neither is a list of tools in another form changed, nor anything else.
  await checkout.edit(
    "worker/tools/index.ts",
    ": readonly Tool<Scope>[] = [",
    ": Tool<Scope>[] = [",
  );
  const list = await checkout.read("worker/tools/index.ts");
  const { code, stderr } = await checkout.runCommand("npm run new:tool -- count_words");
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^worker\/tools\/index\.ts: its list of tools has another form .* run this again/,
  );
  expect(await checkout.read("worker/tools/index.ts")).toBe(list);
  const { stdout } = await checkout.runCommand("ls worker/tools");
  expect(stdout).not.toContain("count-words");
});
