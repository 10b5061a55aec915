import { expect, test } from "vitest";
import { Deployment } from "../support/deployment.ts";

/** An Access application, as the API shows it. */
interface Application {
  readonly name: string;
  readonly aud: string;
  readonly destinations: readonly { readonly uri: string }[];
  readonly policies: readonly { readonly id: string }[];
}

test("a stack on a domain of its own puts Access in front of its pages, and takes it away with itself", async ({
  skip,
}) => {
  await using deployment = await Deployment.make(skip, {
    cloud: { zones: ["example.com"] },
    config: {
      "remote-mcp-server:identityMethod": "access",
      "remote-mcp-server:accessTeamDomain": "acme.cloudflareaccess.com",
      "remote-mcp-server:customDomain": "math.example.com",
      "remote-mcp-server:zone": "example.com",
    },
  });
  const { test: cloud } = deployment;
  const list = async <Item>(path: string): Promise<readonly Item[]> => {
    const answer = await cloud.fetchApi(`/accounts/${cloud.account.account_id}/access/${path}`);
    const { result } = (await answer.json()) as { readonly result: readonly Item[] };
    return result;
  };

  /** The tag that the deployed Worker believes. */
  const findAudience = () => {
    const { bindings } = deployment.local.cloud.records.versions.list().at(-1) ?? {};
    return bindings?.find(({ name }) => name === "ACCESS_AUDIENCE")?.text;
  };

  expect(await deployment.up()).toEqual({ create: 16 });
  const [application] = await list<Application>("apps");
  expect(application?.destinations.map(({ uri }) => uri)).toEqual([
    "math.example.com/authorize",
    "math.example.com/authorize/*",
    "math.example.com/connections",
    "math.example.com/connections/*",
  ]);
  const [policy] = await list<{ id: string; include: unknown }>("policies");
  expect(policy?.include).toEqual([{ everyone: {} }]);
  expect(application?.policies.map(({ id }) => id)).toEqual([policy?.id]);
  expect(findAudience()).toBe(application?.aud);

  expect(await deployment.up()).toEqual({});
  await deployment.refresh();
  expect(await deployment.up()).toEqual({});
  expect(await deployment.destroy()).toMatchObject({ delete: 16 });
  expect(await list("apps")).toEqual([]);
  expect(await list("policies")).toEqual([]);
});
