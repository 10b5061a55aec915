import { expect } from "vitest";
import { Deployment } from "../support/deployment.ts";
import { test } from "../support/usual-stack.ts";

test("a domain that somebody holds is refused before anything is made", async ({ skip }) => {
  await using deployment = await Deployment.make(skip, {
    cloud: { zones: ["example.com"] },
    config: {
      "remote-mcp-server:customDomain": "mcp.example.com",
      "remote-mcp-server:zone": "example.com",
    },
  });
  const { records } = deployment.local.cloud;
  const [zone] = records.zones.list();
  const record = { id: "a".repeat(32), zone: zone?.id ?? "", type: "A", name: "mcp.example.com" };
  records.dnsRecords.put({ ...record, content: "192.0.2.1" });
  expect(await deployment.upFailing()).toContain(
    "customDomain: mcp.example.com has the DNS record",
  );
  expect(records.namespaces.list()).toEqual([]);

  records.dnsRecords.delete(record);
  const domain = {
    id: "b".repeat(32),
    certId: "c",
    account: deployment.local.accountId,
    zoneId: zone?.id ?? "",
    zoneName: "example.com",
    hostname: "mcp.example.com",
    service: "somebody-elses",
    environment: "production",
  };
  records.domains.put(domain);
  expect(await deployment.upFailing()).toContain("somebody-elses");
  expect(records.namespaces.list()).toEqual([]);
  records.domains.delete(domain);
  await deployment.up();
  expect(await deployment.origin()).toBe("https://mcp.example.com");
  const answer = await deployment.test.fetchHost("mcp.example.com");
  expect(await answer.text()).toContain("https://mcp.example.com/mcp");
  expect(await deployment.up()).toEqual({});
  await deployment.destroy();
  expect(records.domains.list()).toEqual([]);
});

test("a move to another address is refused until it is named, and nothing is touched", async ({
  takeUsual,
  skip,
}) => {
  await using deployment = await takeUsual(skip);
  const origin = await deployment.origin();
  deployment.takeCalls();
  await deployment.configure({ publicUrl: "http://localhost:9999" });
  expect(await deployment.upFailing()).toContain(`deployed at ${origin} and would move to`);
  expect(deployment.takeCalls().filter((call) => !call.startsWith("GET"))).toEqual([]);
  await deployment.configure({ allowOriginChange: "http://localhost:9999" });
  await deployment.up();
  expect(await deployment.origin()).toBe("http://localhost:9999");
});

test("a Worker that somebody else deployed under the name is not replaced", async ({ skip }) => {
  await using deployment = await Deployment.make(skip, {
    config: { "remote-mcp-server:scriptName": "taken" },
  });
  const code = "export default { fetch: () => new Response('somebody else') }";
  await deployment.test.upload("taken", { code });
  expect(await deployment.upFailing()).toContain('the account has a Worker "taken"');
  const [worker] = deployment.local.workers;
  expect(await (await fetch(`http://localhost:${worker?.port}/`)).text()).toBe("somebody else");
});

test("a local cloud that is not running is named, with how to start it", async ({ skip }) => {
  await using deployment = await Deployment.make(skip);
  await deployment.stack.setConfig("cloudflare:baseUrl", { value: "http://127.0.0.1:9/client/v4" });
  const message = await deployment.upFailing();
  expect(message).toContain("cloudflare:baseUrl: nothing answers at http://127.0.0.1:9/client/v4");
  expect(message).toContain("npm run cloud");
});
