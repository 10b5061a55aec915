import { describe, expect } from "vitest";
import { test } from "../../support/cloud-test.ts";
import { listAll, readRefusal, TestCloud } from "../../support/local-cloud.ts";

const second = "5ec0d5ec0d5ec0d5ec0d5ec0d5ec0d5e";

describe("Accounts and tokens", () => {
  test("the account and its owner are shown", async ({ cloud }) => {
    const { client, account } = cloud;
    const shown = await client.accounts.get(account);
    expect(shown).toEqual({
      id: account.account_id,
      name: "local",
      type: "standard",
      settings: { enforce_twofactor: false },
      created_on: expect.stringMatching(/^\d{4}-/),
    });
    expect(await listAll(client.accounts.list({ name: "local" }))).toEqual([shown]);
    expect(await listAll(client.accounts.list({ name: "other" }))).toEqual([]);
    const memberships = await listAll(client.memberships.list());
    expect(memberships).toMatchObject([
      { id: expect.any(String), status: "accepted", account: shown, roles: [expect.any(String)] },
    ]);
    const user = await client.user.get();
    expect(user).toMatchObject({ id: expect.any(String), email: "local@example.com" });
  });

  test("accounts come in pages that end, and only those that the token may use", async () => {
    const ids = ["1".repeat(32), "2".repeat(32), "3".repeat(32)];
    await using cloud = await TestCloud.start({ accounts: ids });
    const { accounts, memberships } = cloud.client;
    const list = async (query: object) => (await listAll(accounts.list(query))).map(({ id }) => id);
    expect(await list({ per_page: 2 })).toEqual(ids);
    expect(await list({ per_page: 1, direction: "desc" })).toEqual(ids.toReversed());
    for (const page of [
      await accounts.list({ per_page: 2, page: 3 }),
      await memberships.list({ per_page: 2, page: 3 }),
    ]) {
      expect(page.result).toEqual([]);
      expect(page.result_info).toMatchObject({ count: 0, total_count: 3, total_pages: 2 });
    }
    const [first = ""] = ids;
    const token = await cloud.createToken(["Account Settings Read"], { accounts: [first] });
    const limited = cloud.createClient(token);
    expect((await listAll(limited.accounts.list())).map(({ id }) => id)).toEqual([first]);
    expect((await listAll(limited.memberships.list())).length).toBe(1);
  });

  test("the account's name under workers.dev is changed, and may be given up", async () => {
    await using cloud = await TestCloud.start({ accounts: ["1".repeat(32), second] });
    const { client, account } = cloud;
    const { subdomains } = client.workers;
    await cloud.upload("named", { code: `export default { fetch: () => new Response() };` });
    const place = { ...account, enabled: true };
    await client.workers.scripts.subdomain.create("named", place);
    const ask = async (name: string) => (await cloud.fetchHost(`named.${name}.workers.dev`)).status;
    expect(await subdomains.get(account)).toEqual({ subdomain: "local" });
    expect(await subdomains.update({ ...account, subdomain: "mine" })).toEqual({
      subdomain: "mine",
    });
    expect([await ask("local"), await ask("mine")]).toEqual([404, 200]);
    const taken = subdomains.update({ account_id: second, subdomain: "mine" });
    expect(await readRefusal(taken)).toMatchObject({ status: 409, code: 10031 });
    const wrong = subdomains.update({ ...account, subdomain: "not.one" });
    expect(await readRefusal(wrong)).toMatchObject({ status: 400 });
    await subdomains.delete(account);
    expect(await readRefusal(subdomains.get(account))).toMatchObject({ status: 404, code: 10007 });
    expect(
      await readRefusal(client.workers.scripts.subdomain.create("named", place)),
    ).toMatchObject({ status: 400, code: 10063 });
  });

  test.for(["user", "account"] as const)(
    "a token of the %s is made, used, changed, rolled and deleted",
    async (kind, { cloud }) => {
      const { client, account } = cloud;
      // The account's calls take the account besides.
      const own = client.accounts.tokens;
      const tokens =
        kind === "user"
          ? client.user.tokens
          : {
              create: (body: Parameters<typeof client.user.tokens.create>[0]) =>
                own.create({ ...account, ...body }),
              update: (id: string, body: Parameters<typeof client.user.tokens.create>[0]) =>
                own.update(id, { ...account, ...body }),
              list: (query: object = {}) => own.list({ ...account, ...query }),
              get: (id: string) => own.get(id, account),
              delete: (id: string) => own.delete(id, account),
              value: { update: (id: string) => own.value.update(id, account) },
              permissionGroups: { list: () => own.permissionGroups.list(account) },
            };
      const verify = (value: string) => {
        const { user, accounts } = cloud.createClient(value);
        return kind === "user" ? user.tokens.verify() : accounts.tokens.verify(account);
      };
      const groups = await listAll(tokens.permissionGroups.list());
      const group = groups.find(({ name }) => name === "Workers Scripts Read");
      expect(group).toMatchObject({
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        scopes: ["com.cloudflare.api.account"],
      });
      const policies = [
        {
          effect: "allow" as const,
          permission_groups: [{ id: group?.id ?? "" }],
          resources: { [`com.cloudflare.api.account.${account.account_id}`]: "*" },
        },
      ];
      const name = `a token of the ${kind}`;
      const expires_on = "2099-01-01T00:00:00Z";
      const { value = "", ...made } = await tokens.create({ name, policies, expires_on });
      expect(value).toMatch(/^[\w-]{40}$/);
      expect(made).toMatchObject({
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        name,
        status: "active",
        expires_on,
        policies: [
          {
            id: expect.any(String),
            effect: "allow",
            permission_groups: [{ id: group?.id, name: "Workers Scripts Read" }],
          },
        ],
      });
      const id = made.id ?? "";
      expect(await verify(value)).toEqual({ id, status: "active", expires_on });
      expect(await tokens.get(id)).toEqual(made);
      expect(await listAll(tokens.list())).toContainEqual(made);
      const page = await tokens.list({ per_page: 1, page: 1000 });
      expect(page.result).toEqual([]);
      expect(page.result_info).toMatchObject({ count: 0, total_count: expect.any(Number) });

      const renamed = await tokens.update(id, { name: `${name}, renamed`, policies });
      expect(renamed).toMatchObject({ id, name: `${name}, renamed` });
      expect(renamed.expires_on).toBeUndefined();
      const rolled = await tokens.value.update(id);
      expect(rolled).not.toBe(value);
      expect(await verify(rolled)).toMatchObject({ id, status: "active" });
      const unknown = { status: 401, code: 1000, message: "Invalid API Token" };
      expect(await readRefusal(verify(value))).toEqual(unknown);

      expect(await tokens.delete(id)).toEqual({ id });
      expect(await readRefusal(verify(rolled))).toEqual(unknown);
      const gone = { status: 404, code: 1003 };
      expect(await readRefusal(tokens.get(id))).toMatchObject(gone);
      expect(await readRefusal(tokens.update(id, { name, policies }))).toMatchObject(gone);
      expect(await readRefusal(tokens.value.update(id))).toMatchObject(gone);
      expect(await readRefusal(tokens.delete(id))).toMatchObject(gone);
      const nothing = [
        { effect: "allow" as const, permission_groups: [{ id: "0" }], resources: {} },
      ];
      expect(await readRefusal(tokens.create({ name, policies: nothing }))).toMatchObject({
        status: 400,
        code: 1001,
      });
    },
  );
});
