import { expect, test } from "vitest";
import { readField, readPlace, toField, type WaitingPage } from "./page.ts";
import { prove } from "./proof.ts";

const env = { SESSION_KEYS: "key" };
const page: WaitingPage = {
  handle: "h".repeat(43),
  record: "iv.sealed",
  until: Date.now() + 1000,
  place: "FRA",
};

test("a page comes back from its form as it was, with any key of the ring", async () => {
  const field = await toField(env, page);
  expect(await readField({ SESSION_KEYS: "newer key" }, field)).toEqual(page);
  const nowhere = { ...page, place: "" };
  expect(await readField(env, await toField(env, nowhere))).toEqual(nowhere);
});

test("a page that was changed, invented, or proved for something else is none, and so is an old one", async () => {
  const field = await toField(env, page);
  const parts = field.split(".");
  for (const index of parts.keys()) {
    const changed = parts.map((part, at) => (at === index ? `${part}1` : part)).join(".");
    expect(await readField(env, changed), changed).toBeUndefined();
  }
  const text = parts.slice(0, -1).join(".");
  for (const wrong of ["", ".", text, await prove(env, "transaction", text)]) {
    expect(await readField(env, wrong), wrong).toBeUndefined();
  }
  expect(await readField(env, await toField(env, { ...page, until: Date.now() }))).toBeUndefined();
  // Proved, and still no page.
  expect(await readField(env, await prove(env, "page", "h"))).toBeUndefined();
});

test("a place is an airport's code, and nothing else", () => {
  const from = (cf?: object) => readPlace({ cf } as unknown as Request);
  expect(from({ colo: "FRA" })).toBe("FRA");
  for (const cf of [undefined, {}, { colo: "fra" }, { colo: "FRAX" }, { colo: 1 }]) {
    expect(from(cf)).toBe("");
  }
});
