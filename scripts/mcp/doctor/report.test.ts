import { expect, test } from "vitest";
import type { Line, Verdict } from "./check.ts";
import { formatReport } from "./write-report.ts";

function line(id: string, verdict: Verdict, reason: string, remedy?: string): Line {
  const check = { id, title: `${id} is fine`, runbook: "no-answer", run: () => Promise.reject() };
  return { check, verdict, reason, duration: 12.34, ...(remedy !== undefined && { remedy }) };
}

const report = {
  origin: "https://mcp.example.com",
  endpoints: ["/mcp"],
  started: "2026-11-25T10:00:00.000Z",
  lines: [
    line("name", "ok", "1.2.3.4"),
    line("page", "failed", "It says | <img src=x> [here](https://evil.example) ]]>.", "Mend it."),
    line("scope", "warning", "None. ]]><bad/>", "Name one."),
    line("call", "not checked", "No sign-in."),
  ],
  leftOver: ["Something was not cleaned up: the client."],
};

test("text has a line each, the remedy and the runbook below, and the totals at the end", async () => {
  expect((await formatReport(report, "text")).split("\n")).toEqual([
    "doctor: https://mcp.example.com (/mcp)",
    "",
    "  ok           name is fine: 1.2.3.4",
    "  failed       page is fine: It says | <img src=x> [here](https://evil.example) ]]>.",
    "               Mend it.",
    "               docs/runbook.md#no-answer",
    "  warning      scope is fine: None. ]]><bad/>",
    "               Name one.",
    "               docs/runbook.md#no-answer",
    "  not checked  call is fine: No sign-in.",
    "",
    "Something was not cleaned up: the client.",
    "4 lines: 1 ok, 1 warning, 1 failed, 1 not checked. Clients will fail: 1 of these lines failed.",
    "",
  ]);
});

test("JSON has what a program needs, and counts what was not checked apart", async () => {
  expect(JSON.parse(await formatReport(report, "json"))).toMatchObject({
    origin: report.origin,
    endpoints: ["/mcp"],
    totals: { ok: 1, warning: 1, failed: 1, "not checked": 1 },
    leftOver: report.leftOver,
    lines: [
      { id: "name", verdict: "ok", durationMs: 12 },
      { id: "page", remedy: "Mend it.", runbook: "docs/runbook.md#no-answer" },
      { id: "scope" },
      { id: "call", verdict: "not checked" },
    ],
  });
});

test("JUnit has a failure for what failed, a skip for what was not checked, and neither for a warning", async () => {
  const xml = await formatReport(report, "junit");
  expect(xml).toContain('tests="4" failures="1" errors="0" skipped="1"');
  const cases = xml.split("<testcase").slice(1);
  expect(cases.map((text) => /<(failure|skipped)/.exec(text)?.[1])).toEqual([
    undefined,
    "failure",
    undefined,
    "skipped",
  ]);
  // A server's text cannot end the element it stands in.
  expect(xml.replace(/<!\[CDATA\[[\s\S]*?\]\]>/g, "")).not.toContain("<bad/>");
  expect(xml).not.toContain('message="It says | <img');
});

test("Markdown keeps a server's text a text", async () => {
  const markdown = await formatReport(report, "markdown");
  const row = markdown.split("\n").find((text) => text.includes("page is fine")) ?? "";
  expect(row.match(/(?<!\\)\|/g)).toHaveLength(4);
  expect(row).not.toMatch(/(?<!\\)<img|(?<!\\)\[here|https:\/\/evil/);
  expect(row).toContain("[Runbook](docs/runbook.md#no-answer)");
});
