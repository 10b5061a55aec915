import { expect, test } from "vitest";
import { splitModules } from "./deployed-worker.ts";

/** What a form answers, its parts in this order. */
function answer(names: readonly string[], main: string | undefined): Response {
  const form = new FormData();
  for (const name of names) form.append(name, new Blob([`// ${name} é`]), name);
  const response = new Response(form);
  if (main !== undefined) response.headers.set("cf-entrypoint", main);
  return response;
}

test("a Worker's main module comes first, wherever it stands in the answer", async () => {
  const read = async (response: Response) =>
    (await splitModules(response)).map(({ name, code }) => `${name}: ${code.toString("utf8")}`);
  const [a, b] = ["a.js: // a.js é", "b.js: // b.js é"];
  expect(await read(answer(["a.js", "b.js"], "b.js"))).toEqual([b, a]);
  expect(await read(answer(["a.js", "b.js"], "a.js"))).toEqual([a, b]);
  expect(await read(answer(["a.js", "b.js"], undefined))).toEqual([a, b]);
  const bare = new Response("// é", { headers: { "content-type": "application/javascript" } });
  expect(await read(bare)).toEqual(["worker.js: // é"]);
});
