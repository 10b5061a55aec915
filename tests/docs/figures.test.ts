import { expect, test } from "vitest";
import { readProject, tellCount } from "./documents.ts";

test("docs/costs.md names as many KV writes of a login as the budget allows", async () => {
  const { login } = JSON.parse(await readProject("tests/bench/budgets.json")) as {
    readonly login: { readonly kvWrites: number };
  };
  const text = await readProject("docs/costs.md");
  const figures = [
    `| ${login.kvWrites} a first login, `,
    `registers itself writes ${login.kvWrites} times`,
    // The free plan's day.
    `${Math.floor(1000 / login.kvWrites)} first logins`,
  ];
  expect(figures.filter((figure) => !text.includes(figure))).toEqual([]);
  tellCount("figures of the budget", figures.length);
});
