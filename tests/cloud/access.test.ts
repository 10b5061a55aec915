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
      "remote-mcp-server:customDomain": "mcp.example.com",
      "remote-mcp-server:zone": "example.com",
    },
  });
  const { test: cloud } = deployment;
  const list = async <Item>(path: string): Promise<readonly Item[]> => {
    const answer = await cloud.fetchApi(`/accounts/${cloud.account.account_id}/access/${path}`);
    const { result } = (await answer.json()) as { readonly result: readonly Item[] };
    return result;
  };

  /** Does what `pulumi config set --path` does. */
  const setInList = (path: string, value: string) =>
    deployment.stack.setConfig(`remote-mcp-server:${path}`, { value }, true);
  /** The tag that the deployed Worker believes. */
  const findAudience = () => {
    const { bindings } = deployment.local.cloud.records.versions.list().at(-1) ?? {};
    return bindings?.find(({ name }) => name === "ACCESS_AUDIENCE")?.text;
  };

  expect(await deployment.up()).toEqual({ create: 16 });
  const [application] = await list<Application>("apps");
  expect(application?.destinations.map(({ uri }) => uri)).toEqual([
    "mcp.example.com/authorize",
    "mcp.example.com/authorize/*",
    "mcp.example.com/connections",
    "mcp.example.com/connections/*",
  ]);
  const [policy] = await list<{ id: string; include: unknown }>("policies");
  expect(policy?.include).toEqual([{ everyone: {} }]);
  expect(application?.policies.map(({ id }) => id)).toEqual([policy?.id]);
  expect(findAudience()).toBe(application?.aud);

  expect(await deployment.up()).toEqual({});
  await deployment.refresh();
  expect(await deployment.up()).toEqual({});

  // Whom the Worker lets in, Access lets past.
  await setInList("allowedEmails[0]", "ada@example.org");
  await deployment.up();
  const [changed] = await list<{ id: string; include: unknown }>("policies");
  expect(changed?.include).toEqual([{ email: { email: "ada@example.org" } }]);
  expect(await list<Application>("apps")).toMatchObject([{ aud: application?.aud }]);
  expect(findAudience()).toBe(application?.aud);

  // Another method leaves nothing in front of the pages.
  await deployment.configure({
    identityMethod: "oidc",
    accessTeamDomain: "",
    oidcIssuer: "https://accounts.example.com",
    oidcClientId: "example",
  });
  const secret = { value: "canary-of-oidc", secret: true };
  await deployment.stack.setConfig("remote-mcp-server:oidcClientSecret", secret);
  expect(await deployment.up()).toMatchObject({ delete: 2 });
  expect(await list("apps")).toEqual([]);
  expect(await list("policies")).toEqual([]);
  expect(findAudience()).toBeUndefined();
  expect((await deployment.outputs()).signInCallbackUrl?.value).toBe(
    "https://mcp.example.com/authorize/callback",
  );
  expect(await deployment.readState()).not.toContain("canary-of-oidc");
  expect(deployment.output).not.toContain("canary-of-oidc");

  await deployment.configure({
    identityMethod: "access",
    accessTeamDomain: "acme.cloudflareaccess.com",
    oidcIssuer: "",
    oidcClientId: "",
  });
  expect(await deployment.up()).toMatchObject({ create: 2 });
  expect(await deployment.destroy()).toMatchObject({ delete: 16 });
  expect(await list("apps")).toEqual([]);
  expect(await list("policies")).toEqual([]);
});
