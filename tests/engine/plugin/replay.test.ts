import { expect, test } from "vitest";
import { makeTempFolder } from "../../support/temp-folder.ts";
import { RecordedApi } from "../../traffic/recorded-api.ts";
import { drafts, listImports, scriptName, tokens } from "../../traffic/recorded-stack.ts";
import { readTraffic } from "../../traffic/traffic.ts";
import { Provider } from "./provider.ts";
import { TinyEngine } from "./tiny-engine.ts";

test("the stand-in sends what the real provider sent, through a stack's whole life", async () => {
  const traffic = await readTraffic("life");
  await using api = await RecordedApi.start(traffic);
  await using folder = await makeTempFolder();
  const provider = new Provider();
  provider.configure({ baseUrl: api.baseUrl, apiToken: "a-token" }, {});
  const engine = new TinyEngine(provider, folder.path);
  const differences: string[] = [];
  const replay = async (step: string, run: () => Promise<void>) => {
    differences.push(...(await api.replay(step, run)));
  };
  const everything = ["namespace", "script", "subdomain", "cron"].map((name) => `created ${name}`);
  /** An `up` after its preview, which looks up the same. */
  const refresh = async () => {
    await engine.refresh();
    expect(await engine.refresh()).toEqual([]);
  };
  const nothingChanges = async () => expect(await engine.up(drafts.changed)).toEqual([]);

  await replay("1 create", async () => {
    await engine.lookUp();
    expect(await engine.up(drafts.first)).toEqual(everything);
  });
  expect(api.order.slice(-4).map((call) => call.split("/").at(-1))).toEqual([
    "namespaces",
    scriptName,
    "subdomain",
    "schedules",
  ]);
  await replay("2 unchanged", async () => expect(await engine.up(drafts.first)).toEqual([]));
  await replay("3 code change", async () => {
    expect(await engine.up(drafts.changed)).toEqual(["updated script"]);
  });
  await replay("4 unchanged", nothingChanges);
  await replay("5 refresh", refresh);
  await replay("6 preview after refresh", nothingChanges);
  await replay("7 new Durable Object class", async () => {
    expect(await engine.up(drafts.withPerson)).toEqual(["updated script"]);
  });
  await replay("8 unchanged", async () => expect(await engine.up(drafts.withPerson)).toEqual([]));
  await replay("9 route+domain", async () => {
    expect(await engine.up(drafts.addressed)).toEqual(["created route", "created domain"]);
  });
  await replay("10 refresh", refresh);
  const reads = api.order.filter((call) => call.includes(scriptName) && !/(in|es)$/.test(call));
  expect(reads.map((call) => call.split(`/${scriptName}`)[1])).toEqual([
    ...["", "/settings", "/content/v2"],
    ...["", "/settings", "/content/v2"],
  ]);
  await replay("10b unchanged", async () => expect(await engine.up(drafts.addressed)).toEqual([]));
  await replay("12 destroy", () => engine.destroy());
  await replay("13 up again", async () => {
    expect(await engine.up(drafts.again)).toHaveLength(6);
  });
  const ids = listImports(engine.known.get("namespace")?.id ?? "");
  await replay("14 import", async () => {
    for (const round of ["preview", "up"]) {
      for (const name of ["namespace", "script", "subdomain", "cron"] as const) {
        const found = await provider.read(tokens[name], {
          id: ids[name] ?? "",
          state: {},
          inputs: {},
        });
        if (found === undefined) throw new Error(`${round}: ${name} is gone.`);
        expect(found.id).toBe(engine.known.get(name)?.id);
        // Of a cron trigger it brings no schedules.
        const missing = name === "cron" ? ["schedules"] : [];
        const failures = provider.check(tokens[name], found.inputs);
        expect(failures.map(({ property }) => property)).toEqual(missing);
        expect(provider.diff(tokens[name], found.state, found.inputs)).toEqual([]);
      }
    }
  });

  console.log(
    `${api.replayed} of ${traffic.length} recorded requests, ${differences.length} differences.`,
  );
  expect(differences).toEqual([]);
  expect(api.replayed).toBe(traffic.length);
});
