import { expect, test } from "vitest";
import * as z from "zod";
import { readRealEvents, readRealState } from "../../../tests/traffic/real-state.ts";
import { PreviewRecord } from "../deploy/planned-steps.ts";
import { listProgramChanges } from "../drift/repair.ts";
import { ProgramDigest } from "../drift/repair-mark.ts";
import { findDeployment } from "../preview/deployment.ts";
import { readDeclared } from "./declared.ts";
import { isSecretValue, Properties } from "./properties.ts";
import type { StateResource } from "./state.ts";

const signature = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

test("the state of the real provider is read, and what is hidden in it as a whole is said to be", async () => {
  const resources = await readRealState("state.json");
  const declared = readDeclared(resources);
  expect(declared).toMatchObject({
    scriptName: "remote-mcp-server-local",
    migrationTag: "v4",
    crons: ["17 * * * *"],
    subdomain: { enabled: true },
    worker: { scriptName: "remote-mcp-server-local", bindings: undefined, logpush: false },
  });
  expect(declared.notShown).toEqual([
    { what: "bindings of worker in the stack's state", reason: expect.stringContaining("secret") },
  ]);
  expect(findDeployment(resources)?.url).toBe("http://localhost:8791/");
});

test("opened, it shows every binding, and the secrets in them stay marked", async () => {
  const { worker, notShown } = readDeclared(await readRealState("state-with-secrets-shown.json"));
  expect(notShown).toEqual([]);
  expect(worker?.bindings).toHaveLength(15);
  const secrets = worker?.bindings?.filter(({ type }) => type === "secret_text") ?? [];
  expect(secrets.map(({ text }) => isSecretValue(text))).toEqual([true, true, true]);
});

test("any property may be a secret as a whole, unknown, masked, of another form or missing: nothing fails at it", async () => {
  const resources = await readRealState("state-with-secrets-shown.json");
  const strange = [
    { ...signature, ciphertext: "v1:x" },
    { ...signature },
    "[secret]",
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    7,
    null,
    undefined,
  ];
  for (const [index, resource] of resources.entries()) {
    for (const side of ["inputs", "outputs"] as const) {
      for (const name of Object.keys(resource[side] ?? {})) {
        for (const value of strange) {
          const changed: StateResource = {
            ...resource,
            [side]: { ...resource[side], [name]: value },
          };
          const declared = readDeclared(resources.with(index, changed));
          expect(declared.worker?.scriptName).toBe("remote-mcp-server-local");
          expect(declared.namespaces[0]?.id).toBe("a9f55d0aafaff6f4634df29e3f1e4fad");
          expect(JSON.stringify(declared)).not.toContain("[secret]");
        }
      }
    }
  }
});

test("an import that lacks a cron trigger's schedules leaves them open, and is told", async () => {
  const resources = (await readRealState("state.json")).map((each) => {
    const { schedules: _, ...inputs } = each.inputs ?? {};
    return { ...each, inputs };
  });
  const { crons, notShown } = readDeclared(resources);
  expect(crons).toBeUndefined();
  expect(notShown).toContainEqual({
    what: "schedules of purge in the stack's state",
    reason: expect.stringContaining("an import does not bring it"),
  });
});

test("of an update of the real provider only what the program changes is told, and not what is computed", async () => {
  const record = new PreviewRecord();
  const digest = new ProgramDigest();
  for (const event of await readRealEvents("events-of-a-code-change.jsonl")) {
    record.take(event);
    digest.take(event);
  }
  const worker = record.steps.find(({ name }) => name === "worker");
  // What the engine names.
  expect(worker?.diffs).toContain("startupTimeMs");
  expect(worker?.diffs).toContain("bindings");
  const { worker: before } = readDeclared(await readRealState("state-with-secrets-shown.json"));
  const bindings = (before?.bindings ?? []).map(({ name, type, json }) => ({
    name,
    type,
    ...(typeof json === "string" && { json }),
  }));
  const program = {
    scriptName: "remote-mcp-server-local",
    origin: "http://localhost:8791",
    sha256: "a0af359bae50",
    source: "0.1.0",
    compatibilityDate: "2026-07-30",
    compatibilityFlags: [],
    bindings,
    migrations: undefined,
  };
  const parts = { steps: record.steps, program, declared: { worker: before }, settings: [] };
  expect(listProgramChanges(parts)).toEqual(["worker (contentSha256)"]);

  const edited = bindings
    .filter(({ name }) => name !== "PURGE")
    .map((each) => {
      if (each.json === undefined) return each;
      const settings = JSON.parse(each.json) as { server: object };
      const server = { ...settings.server, title: "Other" };
      return { ...each, json: JSON.stringify({ ...settings, server }) };
    });
  expect(listProgramChanges({ ...parts, program: { ...program, bindings: edited } })).toEqual([
    "worker (contentSha256, binding PURGE, setting server.title)",
  ]);
  const secret = { name: "probeSecret", isSecret: true, kind: "changed" } as const;
  const settings = [{ ...secret, before: undefined, after: undefined }];
  expect(listProgramChanges({ ...parts, settings })[0]).toBe("secret probeSecret");
  expect(listProgramChanges({ ...parts, program: undefined })).toEqual([
    "worker (contentSha256, bindings, which cannot be seen)",
  ]);
});

test("what is read of events is the property, or why there is none to read", async () => {
  const [event] = (await readRealEvents("events-of-a-code-change.jsonl")).filter(
    ({ resourcePreEvent }) => resourcePreEvent?.metadata.type.endsWith(":WorkersScript"),
  );
  const inputs = new Properties(event?.resourcePreEvent?.metadata.new?.inputs);
  expect(inputs.read("bindings", z.unknown())).toEqual({ unseen: "secret" });
  expect(inputs.has("bindings")).toBe(true);
  expect(inputs.read("contentSha256", z.unknown())).toEqual({
    value: expect.stringMatching(/^a0af359bae50/),
  });
});
