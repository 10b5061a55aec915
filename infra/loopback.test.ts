import { expect, test } from "vitest";
import { isLoopback } from "./loopback.ts";

test.each([
  ["http://127.0.0.1:8790/client/v4", true],
  ["http://127.8.9.10", true],
  ["http://localhost:8790", true],
  ["http://[::1]:8790", true],
  ["https://api.cloudflare.example/client/v4", false],
  ["http://127.0.0.1.evil.example", false],
  ["http://localhost.evil.example", false],
  ["http://evil.example/127.0.0.1", false],
  ["127.0.0.1", false],
  ["", false],
])("whether %s leads to this machine: %s", (url, expected) => {
  expect(isLoopback(url)).toBe(expected);
});

test("no URL leads nowhere", () => {
  expect(isLoopback(undefined)).toBe(false);
});
