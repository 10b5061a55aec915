import { expect, test } from "vitest";
import { hideSecrets } from "./carry-out.ts";

test.each([
  ['  "env": { "GITHUB_TOKEN": "ghp_1" },', '  "env": { "GITHUB_TOKEN": "…" },'],
  ['"API_KEY": "a\\"b", "url": "u"', '"API_KEY": "…", "url": "u"'],
  ['"Authorization": "Bearer abc"', '"Authorization": "…"'],
  ['"args": ["--header", "X: Bearer abc"]', '"args": ["--header", "X: Bearer …"]'],
  ['"args": ["--api-key=abc", "x"]', '"args": ["--api-key=…", "x"]'],
  ["CONTEXT7_API_KEY = 'ctx7'", "CONTEXT7_API_KEY = '…'"],
  ['"clientSecret" : "s"', '"clientSecret" : "…"'],
  ['"url": "http://localhost:8787/mcp"', '"url": "http://localhost:8787/mcp"'],
])("%s is shown as %s", (line, shown) => {
  expect(hideSecrets(line)).toBe(shown);
});
