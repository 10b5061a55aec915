import { expect, test } from "vitest";
import { type Line, ok } from "../doctor/check.ts";
import type { Report } from "../doctor/report.ts";
import type { StackValues } from "../stack/stack-values.ts";
import { chooseGateSignIn, refuseHalfGate, runGate } from "./gate.ts";
import { mergeSettings } from "./way-back-settings.ts";

/** A report with one line. */
function toReport(verdict: Line["verdict"]): Report {
  const check = { id: "one", title: "One", runbook: "one", run: async () => ok("") };
  const line: Line = { verdict, reason: "It is so.", check, duration: 1 };
  return {
    origin: "https://a.example",
    endpoints: ["/mcp"],
    started: "",
    lines: [line],
    leftOver: [],
  };
}

const plain = (value: string) => ({ value, secret: false });
const secret = (value: string) => ({ value, secret: true });

test("a failure counts only where it is still there after a while, and one look is enough otherwise", async () => {
  const verdicts: Line["verdict"][] = ["failed", "ok"];
  const waits: number[] = [];
  const gate = {
    examine: async () => toReport(verdicts.shift() ?? "failed"),
    before: 0,
    again: 0.001,
    onWait: (seconds: number) => waits.push(seconds),
  };
  expect((await runGate(gate)).lines[0]?.verdict).toBe("ok");
  expect(waits).toEqual([0.001]);
  expect((await runGate(gate)).lines[0]?.verdict).toBe("failed");
  expect(waits).toHaveLength(2);
  // Interrupted: it is not begun again.
  await runGate({ ...gate, again: 600, signal: AbortSignal.abort() });
  await runGate({ ...gate, again: 0 });
  expect(waits).toHaveLength(2);
});

test("while the version of before may still answer, doctor does not look", async () => {
  const began = performance.now();
  const moments: number[] = [];
  const gate = {
    examine: async () => {
      moments.push(performance.now() - began);
      // The old version has no fault, and the new one has.
      return toReport(performance.now() - began < 50 ? "ok" : "failed");
    },
    before: 0.1,
    again: 0,
  };
  expect((await runGate(gate)).lines[0]?.verdict).toBe("failed");
  expect(moments).toHaveLength(1);
});

test("doctor signs in with what was given, the probe secret, or the demo; production does without none of the first two", () => {
  const demo: StackValues = {};
  expect(chooseGateSignIn({ kind: "token", token: "t" }, demo)).toEqual({
    kind: "token",
    token: "t",
  });
  expect(chooseGateSignIn(undefined, demo)).toEqual({ kind: "demo" });
  expect(chooseGateSignIn(undefined, { demoPassword: secret("p") })).toMatchObject({
    password: "p",
  });
  expect(chooseGateSignIn(undefined, { probeSecret: secret("s") })).toEqual({
    kind: "probe",
    secret: "s",
  });
  const github = { environment: plain("production"), identityMethod: plain("github") };
  const none = chooseGateSignIn(undefined, github);
  expect(none.kind).toBe("none");
  expect(() => refuseHalfGate("prod", github, none)).toThrow(/^probeSecret: prod is production/);
  expect(() => refuseHalfGate("prod", github, { kind: "probe", secret: "s" })).not.toThrow();
  expect(() => refuseHalfGate("dev", { identityMethod: plain("github") }, none)).not.toThrow();
});

test("the settings of before come back, but for what tools of this checkout need", () => {
  const before = {
    serverTitle: plain("Example"),
    weatherUnits: plain("metric"),
    oldToolKey: secret("o"),
  };
  const now = {
    serverTitle: plain("Tools"),
    serverIcon: plain("https://a.example/i.svg"),
    weatherUnits: plain("imperial"),
    weatherApiKey: secret("w"),
  };
  expect(mergeSettings(before, now)).toEqual({
    serverTitle: plain("Example"),
    weatherUnits: plain("metric"),
    weatherApiKey: secret("w"),
  });
});
