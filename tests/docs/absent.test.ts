import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectRoot } from "../../infra/bundle.ts";
import { absentProducts, refuseAbsent } from "../../scripts/local-cloud/absent.ts";

test("docs/local-cloud.md lists what the local cloud does not have, with wrangler's commands for it", async () => {
  const page = await readFile(join(projectRoot, "docs/local-cloud.md"), "utf8");
  const rows = page
    .slice(page.indexOf("## What it is not"))
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2)
    .map((line) => line.split("|").map((cell) => cell.trim()));
  expect(rows.map(([, what = "", commands]) => [what.toLowerCase(), commands])).toEqual(
    absentProducts.map(([, product, commands]) => [
      product.toLowerCase(),
      commands.map((command) => `\`${command}\``).join(", "),
    ]),
  );
});

test("a call of what is not there is told what that is, and where to read on", () => {
  const account = "/client/v4/accounts/10ca110ca110ca110ca110ca110ca110";
  const tell = (path: string) => refuseAbsent("GET", `${account}/${path}`).message;
  expect(tell("queues")).toMatch(/does not have Queues\. docs\/local-cloud\.md/);
  expect(tell("workers/scripts/shop/tails")).toMatch(/does not have live logs/);
  expect(tell("r2/buckets/nest/objects/egg")).toMatch(/R2 objects over the API/);
  expect(tell("r2/buckets/nest/lock")).toMatch(/settings of R2 buckets/);
  expect(tell("event_notifications/r2/nest/configuration")).toMatch(/event notifications of R2/);
  expect(tell("event_subscriptions/subscriptions")).toMatch(/does not have Queues/);
  expect(refuseAbsent("POST", "/client/v4/graphql").message).toMatch(/does not have analytics/);
  expect(tell("ai/models/search")).toMatch(/Workers AI/);
  expect(tell("ai-search/namespaces")).toMatch(/AI Search/);
  expect(tell("nothing/known")).toMatch(
    /does not have an endpoint for GET \/accounts\/.*\/nothing/,
  );
});
