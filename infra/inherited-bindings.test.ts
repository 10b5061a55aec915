import { expect, test } from "vitest";
import { keepBindings } from "./inherited-bindings.ts";

test("a secret is inherited, what can be read is declared as it is, and the program's own wins", () => {
  const deployed = [
    { name: "KEY", type: "secret_text" },
    { name: "GREETING", type: "plain_text", text: "hello" },
    { name: "LIMITS", type: "json", json: { each: 1 } },
    { name: "CACHE", type: "kv_namespace", namespace_id: "c" },
    { name: "OAUTH_KV", type: "kv_namespace", namespace_id: "o" },
    { name: "OTHER", type: "service", service: "other", environment: null },
  ];
  const names = ["KEY", "GREETING", "LIMITS", "CACHE", "OAUTH_KV", "OTHER", "GONE", "KEY"];
  expect(keepBindings(names, [{ name: "OAUTH_KV" }], deployed)).toEqual([
    { name: "KEY", type: "inherit" },
    { name: "GREETING", type: "plain_text", text: "hello" },
    { name: "LIMITS", type: "json", json: '{"each":1}' },
    { name: "CACHE", type: "kv_namespace", namespaceId: "c" },
    { name: "OTHER", type: "service", service: "other" },
    { name: "GONE", type: "inherit" },
  ]);
});
