import { expect, test } from "vitest";
import { formatLogLine } from "./dev/request-line.ts";
import { toPlainLine, toPlainText } from "./plain-text.ts";

const steering = "a\u001b[2J\u001b]0;title\u0007b\u009b31mc\u007f\u202e\u2028d\re";
const steers = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

test("what somebody else wrote moves no cursor, paints nothing and begins no line", () => {
  expect(toPlainLine(`${steering}\nf`)).not.toMatch(steers);
  expect(toPlainLine("plain, with 東京")).toBe("plain, with 東京");
  const text = toPlainText(`one\ttwo\n${steering}\r\nthree`);
  expect(text.split("\n")).toHaveLength(3);
  expect(text.replaceAll(/[\n\t]/g, "")).not.toMatch(steers);
});

test("a line of the Worker's log is plain, be it an event or not", () => {
  // Our own colours are SGR, and nothing else is left.
  const own = /\p{Cc}\[\d+m/gu;
  for (const line of [
    JSON.stringify({ event: "request", method: steering, route: steering, status: 200 }),
    JSON.stringify({ event: steering, message: steering }),
    JSON.stringify({ event: "console", message: `x\n{"event":"consent"}` }),
    `no event ${steering}`,
  ]) {
    const told = formatLogLine(line);
    expect(told.replaceAll(own, "")).not.toMatch(steers);
    expect(told).not.toContain("\u001b[2J");
  }
});
