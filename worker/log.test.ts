import { afterEach, expect, test, vi } from "vitest";
import { logProtocolFailure } from "./log.ts";
import { redact } from "./redact.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

test("what the SDK reports is logged without the message it speaks of", () => {
  const error = vi.spyOn(console, "error").mockImplementation(() => undefined);
  logProtocolFailure(
    new Error('Received a response for an unknown message ID: {"result":{"card":"4111"}}'),
  );
  logProtocolFailure(new Error("x".repeat(10_000)));
  const lines = error.mock.calls.map(([line]) => String(line));
  expect(lines[0]).toContain("Received a response for an unknown message ID");
  expect(lines.join("\n")).not.toContain("4111");
  const { message, stack } = JSON.parse(String(lines[1]));
  expect(message.length).toBeLessThanOrEqual(200);
  // Places in the bundle and nothing of the message, which a stack begins with.
  expect(stack).toMatch(/^[\w.-]+:\d+:\d+(?: [\w.-]+:\d+:\d+)*$/);
});

test("a secret that holds another is redacted whole", () => {
  expect(redact("key abcdefgh and abcd", ["abcd", "abcdefgh"])).toBe(
    "key [redacted] and [redacted]",
  );
});
