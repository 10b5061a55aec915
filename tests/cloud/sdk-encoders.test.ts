import { execFile } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect } from "vitest";
import { projectRoot } from "../../infra/bundle.ts";
import { requireApart } from "../support/apart.ts";
import { test } from "../support/cloud-test.ts";
import { requireMade } from "../support/language-programs.ts";
import type { TestCloud } from "../support/local-cloud.ts";

/** Of SDK 6, what the test calls: its types are not in the checkout. */
type Client6 = new (
  options: object,
) => {
  readonly workers: {
    readonly scripts: {
      update(name: string, upload: object): Promise<unknown>;
      readonly versions: { create(name: string, upload: object): Promise<{ id?: string }> };
      readonly content: { update(name: string, upload: object): Promise<unknown> };
      readonly scriptAndVersionSettings: {
        edit(name: string, change: object): Promise<unknown>;
        get(name: string, account: object): Promise<{ bindings?: unknown }>;
      };
    };
  };
};

const hello = `import word from "./lib/word.txt"; export default { fetch: () => new Response(word) };`;

async function serve(cloud: TestCloud, name: string, version: string): Promise<string> {
  await cloud.client.workers.scripts.deployments.create(name, {
    ...cloud.account,
    strategy: "percentage",
    versions: [{ version_id: version, percentage: 100 }],
  });
  return (await cloud.fetchWorker(name)).text();
}

test("SDK 6 for npm uploads with its own encoder: a module's name is its part's filename", async ({
  cloud,
  skip,
}) => {
  const file = requireApart(skip, "cloudflare-6/index.mjs");
  const { default: Cloudflare6 } = (await import(pathToFileURL(file).href)) as {
    default: Client6;
  };
  const { local, account } = cloud;
  const client = new Cloudflare6({
    apiToken: local.token,
    baseURL: local.baseUrl,
    maxRetries: 0,
    apiKey: null,
    apiEmail: null,
  });
  const { scripts } = client.workers;
  const upload = (word: string) => ({
    ...account,
    metadata: { main_module: "worker.js", compatibility_date: "2026-07-01" },
    files: [
      new File([word], "lib/word.txt", { type: "text/plain" }),
      new File([hello], "worker.js", { type: "application/javascript+module" }),
    ],
  });
  expect(await scripts.update("from-npm", upload("one"))).toMatchObject({ id: "from-npm" });
  expect(await (await cloud.fetchWorker("from-npm")).text()).toBe("one");
  const { id = "" } = await scripts.versions.create("from-npm", upload("two"));
  expect(await serve(cloud, "from-npm", id)).toBe("two");
  await scripts.content.update("from-npm", upload("three"));
  expect(await (await cloud.fetchWorker("from-npm")).text()).toBe("three");
  await scripts.scriptAndVersionSettings.edit("from-npm", {
    ...account,
    settings: { bindings: [{ type: "plain_text", name: "A", text: "b" }] },
  });
  const settings = await scripts.scriptAndVersionSettings.get("from-npm", account);
  expect(settings.bindings).toMatchObject([{ name: "A", text: "b" }]);
});

test("SDK 5 for Python uploads with its own encoder", async ({ cloud, skip }) => {
  const { local } = cloud;
  const program = join(projectRoot, "tests/languages/python/upload_worker.py");
  const { stdout } = await promisify(execFile)(
    requireMade(skip, "python-cloudflare"),
    [program, local.baseUrl, local.token, local.accountId],
    // Nothing of the person's account reaches it.
    { env: { PATH: "/usr/bin:/bin", PYTHONDONTWRITEBYTECODE: "1" } },
  );
  const { id, version } = JSON.parse(stdout) as { id: string; version: string };
  expect(id).toBe("from-python");
  expect(await (await cloud.fetchWorker(id)).text()).toBe("one");
  expect(await serve(cloud, id, version)).toBe("two");
});

test("a part without a filename, and two with the same, are refused with words", async ({
  cloud,
}) => {
  const { accountId } = cloud.local;
  const put = async (name: string, modules: readonly [field: string, filename: string][]) => {
    const type = "application/javascript+module";
    const metadata = JSON.stringify({ main_module: "worker.js" });
    const parts = [
      `Content-Disposition: form-data; name="metadata"\r\n\r\n${metadata}`,
      ...modules.map(
        ([field, filename]) =>
          `Content-Disposition: form-data; name="${field}"${filename}\r\nContent-Type: ${type}\r\n\r\nexport default {};`,
      ),
    ];
    const answer = await cloud.fetchApi(`/accounts/${accountId}/workers/scripts/${name}`, {
      method: "PUT",
      headers: { "content-type": "multipart/form-data; boundary=part" },
      body: `${parts.map((part) => `--part\r\n${part}\r\n`).join("")}--part--\r\n`,
    });
    const { errors } = (await answer.json()) as { errors: { code: number; message: string }[] };
    return { status: answer.status, code: errors[0]?.code, message: errors[0]?.message };
  };
  const main = `; filename="worker.js"`;
  for (const nameless of [`; filename=""`, ""]) {
    expect(await put("nameless", [["worker.js", nameless]])).toMatchObject({
      status: 400,
      code: 10021,
      message: expect.stringMatching(
        /The part "worker\.js" has no filename.*filename="worker\.js"/,
      ),
    });
  }
  const twice = await put("twice", [
    ["a", main],
    ["b", main],
  ]);
  expect(twice).toMatchObject({
    status: 400,
    message: expect.stringMatching(/filename "worker\.js"/),
  });
});
