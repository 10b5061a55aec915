import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("a client of Cloudflare's API is loaded with the resources that are asked for, and without the others", async () => {
  const text = `
    import { createRequire } from "node:module";
    import { loadCloudflareSdk } from "./cloudflare-sdk.ts";
    const { createClient, NotFoundError } = loadCloudflareSdk();
    const asked = [];
    const fetch = async (url) => {
      asked.push(new URL(url).pathname);
      return Response.json({ success: false, errors: [], result: null }, { status: 404 });
    };
    const client = createClient({ apiToken: "token", baseURL: "http://127.0.0.1/v4", fetch });
    const error = await client.kv.namespaces.get("id", { account_id: "account" }).catch((error) => error);
    const loaded = Object.keys(createRequire(import.meta.url).cache);
    const resources = loaded.flatMap((path) => /cloudflare.resources.(.+)/.exec(path)?.[1] ?? []);
    const others = resources.filter((path) => !/^(d1|dns|durable-objects|kv|r2|workers|zero-trust|zones)/.test(path));
    console.log(JSON.stringify({ asked, isNotFound: error instanceof NotFoundError, some: resources.length > 10, others }));
  `;
  const args = ["--input-type=module", "--eval", text];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: import.meta.dirname,
    env: { PATH: process.env.PATH },
  });
  expect(JSON.parse(stdout)).toEqual({
    asked: ["/v4/accounts/account/storage/kv/namespaces/id"],
    isNotFound: true,
    some: true,
    others: [],
  });
});
