import { expect, test } from "vitest";
import { TestCloud } from "../support/local-cloud.ts";

const answering = (text: string) => `export default { fetch: () => new Response("${text}") };`;

test("the terminal names the address that serves; the code that a stack is read in is known as long as there is one", async () => {
  const lines: string[] = [];
  await using cloud = await TestCloud.start({ onLine: (line) => lines.push(line) });
  const common = () => cloud.local.cloud.findCommonCode("worker.js");
  expect(common()).toBeUndefined();

  await cloud.upload("one", { code: answering("one") });
  const [address = ""] = lines.flatMap((line) => /^Deployed one: (\S+)$/.exec(line)?.[1] ?? []);
  expect(await (await fetch(address)).text()).toBe("one");
  expect(common()).toBe(answering("one"));

  await cloud.upload("same", { code: answering("one") });
  await cloud.fetchWorker("same");
  expect(common()).toBe(answering("one"));
  await cloud.upload("two", { code: answering("two") });
  await cloud.fetchWorker("two");
  expect(common()).toBeUndefined();
});
