import { expect, test } from "vitest";
import { readView, toAddress } from "./address.ts";
import { hasFailed } from "./calls.ts";
import { toMaker } from "./words.ts";

test("to ask for what is not there is no failure; to change it is, and so is a server's error", () => {
  const failed = (method: string, status: number) => hasFailed({ method, status });
  expect([failed("GET", 200), failed("GET", 404), failed("PUT", 201)]).toEqual([
    false,
    false,
    false,
  ]);
  expect([failed("PUT", 404), failed("GET", 403), failed("GET", 500), failed("GET", 0)]).toEqual([
    true,
    true,
    true,
    true,
  ]);
});

test("what the API takes for Terraform may be Pulumi, and is called so", () => {
  expect(["terraform", "wrangler", "api"].map(toMaker)).toEqual([
    "Pulumi or Terraform",
    "wrangler",
    "the API",
  ]);
});

test("an address keeps the token, and loses what it does not name", () => {
  const view = readView(new URLSearchParams("token=t&kv=abc&key=&find=scripts&all=yes"));
  expect(view).toMatchObject({ kv: "abc", key: "", find: "scripts", all: true });
  expect(toAddress(view)).toBe("/?token=t");
  expect(toAddress(view, { kv: "abc", prefix: "", key: "a&b=c" }, "kv-abc")).toBe(
    "/?token=t&kv=abc&key=a%26b%3Dc#kv-abc",
  );
  expect(toAddress(readView(new URLSearchParams()), { all: true })).toBe("/?all=yes");
});
