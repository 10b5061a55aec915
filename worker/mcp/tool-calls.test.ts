import { afterEach, expect, test, vi } from "vitest";
import * as z from "zod";
import { total } from "../../tests/fixture/tools/total.ts";
import { callTool } from "../../tests/support/worker/call-tool.ts";
import { digest } from "../digest.ts";
import { enterpriseMethod } from "../identity/enterprise-method.ts";
import { defineTool, type ToolContext, ToolError } from "../kit/index.ts";
import { personalClientId } from "../oauth/personal-tokens/client-id.ts";

const secret = "canary/8f3a6d1c+key";

afterEach(() => vi.restoreAllMocks());

interface Answer {
  readonly structured: { readonly value: number };
  readonly text: string;
}

type Run = (context: ToolContext<{ secrets: { apiKey: string } }>) => Answer | Promise<Answer>;

/** A tool that does what the test wants. */
function makeTool(run: Run, limit: { readonly resultLimit?: number } = {}) {
  return defineTool({
    name: "tried",
    title: "Tried",
    description: "Is tried by a test.",
    scope: "demo:use",
    input: z.object({
      count: z.int().min(1).max(3).default(1),
      unit: z.enum(["metre", "mile"]).optional(),
    }),
    output: z.object({ value: z.number() }),
    annotations: { readOnlyHint: true },
    needs: { secrets: { apiKey: "key of a service" } },
    ...limit,
    run: (_args, context) => run(context),
  });
}

/** Takes what the Worker logs, from now on. */
function takeLog() {
  const spies = [vi.spyOn(console, "log"), vi.spyOn(console, "error")];
  return {
    get text() {
      return spies.flatMap(({ mock }) => mock.calls.map(([line]) => String(line))).join("\n");
    },
    get lines(): Record<string, unknown>[] {
      return this.text.split("\n").map((line) => JSON.parse(line));
    },
  };
}

const answer: Answer = { structured: { value: 1 }, text: "1" };

test("wrong arguments are all named, with what the tool takes", async () => {
  const run = vi.fn(() => answer);
  const { isError, text } = await callTool(makeTool(run), { count: 4, unit: "yard" });
  expect(isError).toBe(true);
  expect(text).toMatch(/^The arguments of tried are wrong\. count: .*<=3; unit: .*"metre"\|"mile"/);
  expect(text).toMatch(/It takes: count, unit\. Correct them and call it again\.$/);
  expect(run).not.toHaveBeenCalled();
});

test("of very many wrong arguments the first ten are named", async () => {
  const { text } = await callTool(total, { numbers: Array.from({ length: 5000 }, () => "") });
  expect(text).toContain("numbers.9:");
  expect(text.length).toBeLessThan(1500);
});

test("an answer that does not fit its schema fails, and only the log says how", async () => {
  const log = takeLog();
  const wrong = { structured: { value: "one" } as unknown as Answer["structured"], text: "one" };
  const { isError, text, structured } = await callTool(makeTool(() => wrong));
  expect({ isError, text, structured }).toEqual({
    isError: true,
    text: "The tool tried failed on the server. Try again later.",
    structured: undefined,
  });
  expect(log.lines).toContainEqual(
    expect.objectContaining({
      event: "tool-failure",
      tool: "tried",
      message: expect.stringMatching(/does not fit its schema: .*number/s),
    }),
  );
});

test("an answer over the tool's limit is refused, with the sizes and what to do", async () => {
  const long = { ...answer, text: "x".repeat(1000) };
  expect((await callTool(makeTool(() => long, { resultLimit: 2000 }))).isError).toBe(false);
  const log = takeLog();
  const { isError, text, structured } = await callTool(makeTool(() => long, { resultLimit: 999 }));
  expect({ isError, structured }).toEqual({ isError: true, structured: undefined });
  expect(text).toMatch(/^The answer has 10\d\d bytes, and tried may give 999\. Ask for less: /);
  expect(log.lines).toMatchObject([{ outcome: "too-large" }]);
});

test("a tool without a limit of its own may give 100,000 bytes", async () => {
  const empty = JSON.stringify({
    content: [{ type: "text", text: "" }],
    structuredContent: answer.structured,
  });
  const fill = (bytes: number) => ({ ...answer, text: "x".repeat(bytes - empty.length) });
  expect((await callTool(makeTool(() => fill(100_000)))).isError).toBe(false);
  expect((await callTool(makeTool(() => fill(100_001)))).text).toContain("100001 bytes");
});

test("a secret leaves neither in an error, nor in the log, nor in what the client is told", async () => {
  const log = takeLog();
  const heard: string[] = [];
  const options = {
    secrets: { apiKey: secret },
    onLog: (text: string) => heard.push(text),
    onProgress: ({ message }: { message?: string | undefined }) => heard.push(String(message)),
  };
  const talk = (say: (text: string) => never) =>
    makeTool(async ({ needs, log: tell, progress }) => {
      const echo = `upstream refused ${needs.secrets.apiKey} (${encodeURIComponent(needs.secrets.apiKey)})`;
      await tell("info", echo);
      await progress(1, 2, echo);
      return say(echo);
    });
  const clean = "upstream refused [redacted] ([redacted])";
  const mistake = await callTool(
    talk((text) => {
      throw new ToolError(text);
    }),
    {},
    options,
  );
  expect(mistake.text).toBe(clean);
  const failure = await callTool(
    talk((text) => {
      throw new Error(text);
    }),
    {},
    options,
  );
  expect(failure.text).toBe("The tool tried failed on the server. Try again later.");
  expect(heard).toEqual([clean, clean, clean, clean]);
  expect(log.lines).toContainEqual(
    expect.objectContaining({ event: "tool-failure", message: clean }),
  );
  for (const form of [secret, encodeURIComponent(secret)]) expect(log.text).not.toContain(form);
});

test("a call that the client cancels ends, even where the tool does not look", async () => {
  const log = takeLog();
  const cancel = new AbortController();
  const { promise: forever } = Promise.withResolvers<Answer>();
  const started = Promise.withResolvers<void>();
  const deaf = makeTool(() => {
    started.resolve();
    return forever;
  });
  const call = callTool(deaf, {}, { signal: cancel.signal });
  await started.promise;
  cancel.abort("enough");
  await expect(call).rejects.toThrow("enough");
  await expect.poll(() => log.text).toMatch(/"tool":"tried","outcome":"cancelled"/);
});

test("a token without the scope is refused with the scope's name, and nothing runs", async () => {
  const log = takeLog();
  const run = vi.fn(() => answer);
  const { isError, text } = await callTool(makeTool(run), {}, { scopes: ["demo:profile"] });
  expect({ isError, text }).toEqual({
    isError: true,
    text: "This needs the scope demo:use. Connect again and allow it.",
  });
  expect(run).not.toHaveBeenCalled();
  expect(log.lines).toMatchObject([{ outcome: "refused" }]);
});

test("the log has a line a call: tool, outcome, duration and a hash of the person", async () => {
  const log = takeLog();
  const person = "person-with-a-long-id";
  const ends: [string, () => Answer][] = [
    ["ok", () => answer],
    [
      "mistake",
      () => {
        throw new ToolError("Nothing has that name. Use another.");
      },
    ],
    [
      "failed",
      () => {
        throw new TypeError("a bug");
      },
    ],
  ];
  for (const [, run] of ends) await callTool(makeTool(run), { unit: "mile" }, { person });
  const calls = log.lines.filter(({ event }) => event === "tool");
  const hash = (await digest(person)).slice(0, 12);
  expect(calls).toEqual(
    ends.map(([outcome]) => ({
      event: "tool",
      tool: "tried",
      outcome,
      durationMs: expect.any(Number),
      person: hash,
    })),
  );
  // Neither arguments, nor who it was, nor what was answered.
  expect(log.text).not.toMatch(/mile|person-with-a-long-id|example\.com|Nothing has that name/);
});

test("what a tool needs reaches it: secrets, settings with their defaults, bindings", async () => {
  const needy = defineTool({
    name: "needy",
    title: "Needy",
    description: "Gives back what it got.",
    scope: "demo:use",
    input: z.object({}),
    output: z.object({ key: z.string(), units: z.string(), binding: z.boolean() }),
    annotations: { readOnlyHint: true },
    needs: {
      secrets: { apiKey: "key of a service" },
      settings: { defaultUnits: z.enum(["metric", "imperial"]).default("metric") },
      // The test's runtime has no database: what is bound is handed over as it is.
      bindings: { OAUTH_KV: { kind: "d1" } },
    },
    run(_args, { needs: { secrets, settings, bindings } }) {
      const structured = {
        key: secrets.apiKey,
        units: settings.defaultUnits,
        binding: bindings.OAUTH_KV !== undefined,
      };
      return { structured, text: "" };
    },
  });
  const { structured } = await callTool(needy, {}, { secrets: { apiKey: "k" } });
  expect(structured).toEqual({ key: "k", units: "metric", binding: true });
  const set = { secrets: { apiKey: "k" }, settings: { defaultUnits: "imperial" } };
  expect((await callTool(needy, {}, set)).structured?.units).toBe("imperial");
});

test("a grant that holds no token of the sign-in service says to connect again", async () => {
  const acting = defineTool({
    name: "acting",
    title: "Acting",
    description: "Acts for the person elsewhere.",
    scope: "demo:use",
    input: z.object({}),
    output: z.object({}),
    annotations: { readOnlyHint: true },
    needs: { upstreamToken: { reason: "it acts there" } },
    run: (_args, { needs: { upstreamToken } }) => ({ structured: {}, text: upstreamToken }),
  });
  const { isError, text } = await callTool(acting);
  expect(isError).toBe(true);
  expect(text).toContain("Disconnect, and connect again");
  // Nobody can mend that for a token that a person made for a program.
  const personal = await callTool(acting, {}, { clientId: `${personalClientId}:pt-1` });
  expect(personal.isError).toBe(true);
  expect(personal.text).toContain("which a personal token cannot. Use an app that signs in");
  const byCompany = await callTool(acting, {}, { method: enterpriseMethod });
  expect(byCompany.isError).toBe(true);
  expect(byCompany.text).toContain("your company connected this app without a sign-in there");
});

test("a tool that acts for a person elsewhere tells a machine client that it has none", async () => {
  const run = vi.fn(() => answer);
  const acting = defineTool({
    ...makeTool(run),
    needs: { upstreamToken: { reason: "to read issues" } },
    run: () => run(),
  });
  const { isError, text } = await callTool(acting, {}, { machine: "nightly" });
  expect(isError).toBe(true);
  expect(text).toMatch(
    /^The tool tried acts for a person .* a machine client acts for no person\./,
  );
  expect(run).not.toHaveBeenCalled();
});
