import { expect, test } from "vitest";
import { type Check, failed, ok, warning } from "./check.ts";
import { createExamination } from "./examination.ts";
import { formatEnd, formatLine } from "./report.ts";
import { runChecks } from "./run-checks.ts";

const signIn = { kind: "token", token: "token-that-must-stay-secret" } as const;

function examination() {
  return createExamination({ url: new URL("http://localhost:1/mcp"), signIn });
}

function check(id: string, run: Check["run"], needs?: readonly string[]): Check {
  return { id, title: id, runbook: "no-answer", run, ...(needs && { needs }) };
}

async function run(checks: readonly Check[], signal?: AbortSignal) {
  const { lines } = await runChecks(checks, examination(), signal && { signal });
  return Object.fromEntries(lines.map((line) => [line.check.id, line]));
}

test("one fault makes one failed line: what needs it is not checked, and the rest goes on", async () => {
  const lines = await run([
    check("name", async () => failed("No name.", "Give one.")),
    check("server", async () => ok("There."), ["name"]),
    check("page", async () => ok("There."), ["server"]),
    check("other", async () => warning("Odd.", "Look.")),
    check("after", async () => ok("There."), ["other"]),
  ]);
  expect(lines).toMatchObject({
    name: { verdict: "failed" },
    server: { verdict: "not checked", reason: expect.stringContaining("name failed") },
    page: { verdict: "not checked", reason: expect.stringContaining("server was not checked") },
    other: { verdict: "warning" },
    // A warning says that it is there.
    after: { verdict: "ok" },
  });
});

test("where nothing answers, the terminal says so once, and each line is still in the report", async () => {
  const nothing = async () => failed("Nothing listens there.", "Start it.");
  const checks = [
    check("name", async () => ok("There.")),
    { ...check("answers", nothing), title: "The server answers", isGround: true },
    check("page", async () => ok("There."), ["answers"]),
    check("sign-in", async () => ok("There.")),
  ];
  const lines = Object.values(await run(checks));
  expect(lines.map(({ verdict }) => verdict)).toEqual([
    "ok",
    "failed",
    "not checked",
    "not checked",
  ]);
  const plain = (_colour: string, text: string) => text;
  const printed = lines.map((line) => formatLine(line, plain)).join("");
  expect(printed).toMatch(/^ +ok +name: .*\n +failed +The server answers: .*\n.*\n.*\n$/);
  expect(formatEnd({ lines, leftOver: [] }, plain)).toMatch(
    /2 more lines were not checked: "The server answers" failed\.\n\n4 lines: 1 ok/,
  );
});

test("a fault of the network is said in words, any other as doctor's own", async () => {
  const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
  const lines = await run([
    check("network", () => Promise.reject(new TypeError("fetch failed", { cause: refused }))),
    check("several", () => Promise.reject(new AggregateError([refused]))),
    check("late", () => Promise.reject(new DOMException("late", "TimeoutError"))),
    check("port", () =>
      Promise.reject(new TypeError("fetch failed", { cause: new Error("bad port") })),
    ),
    check("own", () => Promise.reject(new TypeError("x is undefined"))),
  ]);
  expect(lines).toMatchObject({
    network: { verdict: "failed", reason: expect.stringContaining("nothing listens there") },
    several: { verdict: "failed", reason: expect.stringContaining("nothing listens there") },
    late: { verdict: "failed", reason: expect.stringContaining("more than 10 seconds") },
    port: { verdict: "failed", reason: expect.stringContaining("bad port") },
    own: { verdict: "failed", remedy: expect.stringContaining("fault of doctor") },
  });
});

test("a check that does not end is given up after its time", async () => {
  const never = { ...check("never", () => new Promise(() => {})), timeLimit: 20 };
  expect(await run([never, check("next", async () => ok("There."))])).toMatchObject({
    never: { verdict: "failed", reason: "It took more than 0.02 seconds." },
    next: { verdict: "ok" },
  });
});

test("an interrupted run says what it did not see, and cleans up", async () => {
  const interrupt = new AbortController();
  const looked = examination();
  const done: string[] = [];
  const { lines } = await runChecks(
    [
      check("first", async ({ leave }) => {
        leave.push(async () => void done.push("cleaned"));
        return ok("There.");
      }),
      check("second", () => {
        interrupt.abort();
        return new Promise(() => {});
      }),
      check("third", async () => ok("There.")),
    ],
    looked,
    { signal: interrupt.signal },
  );
  expect(lines.map(({ verdict }) => verdict)).toEqual(["ok", "not checked", "not checked"]);
  expect(done).toEqual(["cleaned"]);
});

test("what was opened is closed, last first, whatever fails, and what is left over is said", async () => {
  const looked = examination();
  const done: string[] = [];
  looked.leave.push(
    async () => void done.push("first"),
    () => Promise.reject(new Error(`no: ${signIn.token}`)),
    async () => void done.push("last"),
  );
  const broken = check("broken", () => Promise.reject(new Error("no")));
  const { leftOver } = await runChecks([broken], looked);
  expect(done).toEqual(["last", "first"]);
  expect(leftOver).toEqual(["Something was not cleaned up: no: (secret)."]);
});

test("no secret and no character that moves a cursor is in a line, whoever put it there", async () => {
  const looked = examination();
  const found = `${signIn.token} access-0123456789 refresh-0123456789 client-0123456789`;
  const { lines } = await runChecks(
    [
      check("echo", async ({ learned }) => {
        learned.tokens = { accessToken: "access-0123456789", refreshToken: "refresh-0123456789" };
        learned.client = {
          clientId: "id",
          redirectUri: "http://127.0.0.1:1/callback",
          clientSecret: "client-0123456789",
        };
        return failed(`${found}\u001b[2J\u202e`, found);
      }),
    ],
    looked,
  );
  expect(lines[0]).toMatchObject({
    reason: "(secret) (secret) (secret) (secret)\ufffd",
    remedy: "(secret) (secret) (secret) (secret)",
  });
});

test("a list in the wrong order, or with an id twice, is refused: its lines would never run", async () => {
  const first = check("first", async () => ok("There."), ["second"]);
  const second = check("second", async () => ok("There."));
  await expect(run([first, second])).rejects.toThrow("first needs second before it");
  await expect(run([second, second])).rejects.toThrow("Two checks have the id second");
});
