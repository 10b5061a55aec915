import { describe, expect } from "vitest";
import { test } from "../../support/cloud-test.ts";
import { listAll, readRefusal } from "../../support/local-cloud.ts";

const gone = { status: 404, code: 11021 };
const everyone = [{ everyone: {} }];

describe("Access", () => {
  test.for(["account", "zone"] as const)(
    "an application of the %s is made, changed and deleted with its policies",
    async (kind, { cloud }) => {
      const { applications } = cloud.client.zeroTrust.access;
      const owner = kind === "account" ? cloud.account : cloud.zone;
      const app = { type: "self_hosted" as const, domain: `${kind}.example.com`, name: kind };
      const made = await applications.create({ ...owner, ...app });
      expect(made).toMatchObject({
        ...app,
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        aud: expect.stringMatching(/^[0-9a-f]{64}$/),
        created_at: expect.stringMatching(/^\d{4}-/),
      });
      const id = made.id ?? "";
      expect(await applications.get(id, owner)).toEqual(made);
      expect(await listAll(applications.list(owner))).toEqual([made]);
      const changed = await applications.update(id, { ...owner, ...app, session_duration: "1h" });
      // What the Worker checks tokens against must stay.
      expect(changed).toMatchObject({ id, aud: made.aud, session_duration: "1h" });

      const { policies } = applications;
      const policy = { name: "people", decision: "allow" as const, include: everyone };
      const rule = await policies.create(id, { ...owner, ...policy });
      expect(rule).toMatchObject({
        ...policy,
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        exclude: [],
        require: [],
      });
      const ruleId = rule.id ?? "";
      const place = { ...owner, app_id: id };
      expect(await policies.get(ruleId, place)).toEqual(rule);
      expect(await listAll(policies.list(id, owner))).toEqual([rule]);
      const denied = { ...policy, decision: "deny" as const };
      expect(await policies.update(ruleId, { ...place, ...denied })).toMatchObject(denied);
      expect(await policies.delete(ruleId, place)).toEqual({ id: ruleId });
      expect(await readRefusal(policies.get(ruleId, place))).toMatchObject(gone);
      expect(await readRefusal(policies.update(ruleId, { ...place, ...policy }))).toMatchObject(
        gone,
      );
      expect(await readRefusal(policies.delete(ruleId, place))).toMatchObject(gone);

      await policies.create(id, { ...owner, ...policy });
      expect(await applications.delete(id, owner)).toEqual({ id });
      expect(await listAll(policies.list(id, owner))).toEqual([]);
      expect(await readRefusal(applications.get(id, owner))).toMatchObject(gone);
      expect(await readRefusal(applications.update(id, { ...owner, ...app }))).toMatchObject(gone);
      expect(await readRefusal(applications.delete(id, owner))).toMatchObject(gone);
      expect(await readRefusal(policies.create(id, { ...owner, ...policy }))).toMatchObject(gone);
    },
  );

  test("a reusable policy belongs to the account", async ({ cloud }) => {
    const { client, account } = cloud;
    const { policies } = client.zeroTrust.access;
    const policy = { name: "staff", decision: "allow" as const, include: everyone };
    const made = await policies.create({ ...account, ...policy });
    expect(made).toMatchObject({ ...policy, exclude: [], require: [] });
    const id = made.id ?? "";
    expect(await policies.get(id, account)).toEqual(made);
    const changed = await policies.update(id, { ...account, ...policy, name: "everybody" });
    expect(changed).toMatchObject({ id, name: "everybody" });
    for (const name of ["one", "two"]) await policies.create({ ...account, ...policy, name });
    const all = await listAll(policies.list({ ...account, per_page: 2 }));
    expect(all.map(({ name }) => name)).toEqual(["everybody", "one", "two"]);
    const past = await policies.list({ ...account, per_page: 2, page: 3 });
    expect(past.result).toEqual([]);
    expect(past.result_info).toMatchObject({ count: 0, total_count: 3, total_pages: 2 });
    expect(await policies.delete(id, account)).toEqual({ id });
    expect(await readRefusal(policies.get(id, account))).toMatchObject(gone);
    expect(await readRefusal(policies.delete(id, account))).toMatchObject(gone);
    expect(await readRefusal(policies.create({ ...account, ...policy, name: "" }))).toMatchObject({
      status: 400,
      code: 12130,
    });
  });
});
