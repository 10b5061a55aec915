import { expect, test } from "vitest";
import { workerSettings } from "../tests/support/worker-settings.ts";
import { writeWorkerSettings } from "./worker-settings-size.ts";

const emails = (count: number) =>
  Array.from({ length: count }, (_, index) => `person-${index}@acme.example`);

test("what the Worker gets is its settings as JSON, as long as Cloudflare takes them", () => {
  const allowedEmails = emails(100);
  const allowed = { ...workerSettings.allowed, emails: allowedEmails };
  const worker = { ...workerSettings, allowed };
  const text = writeWorkerSettings(worker, { allowedEmails });
  expect(JSON.parse(text)).toEqual(worker);
});

test("settings that Cloudflare would not take are refused, with the biggest, the next and what to do", () => {
  const allowedEmails = emails(200);
  const instructions = "é".repeat(500);
  const worker = {
    ...workerSettings,
    server: { ...workerSettings.server, instructions },
    allowed: { ...workerSettings.allowed, emails: allowedEmails },
  };
  expect(() =>
    writeWorkerSettings(worker, { allowedEmails, serverInstructions: instructions }),
  ).toThrow(
    /^allowedEmails: the stack's settings have \d{4} bytes .* takes 5120 .*allowedEmails has about \d{4} of them, and serverInstructions 1002\. Let in a domain/,
  );
});

test("a tool's own setting that is too large is named as a person sets it", () => {
  const worker = { ...workerSettings, tools: { weatherCities: ["x".repeat(5000)] } };
  expect(() => writeWorkerSettings(worker, {})).toThrow(
    /^weatherCities: .*weatherCities has about 5004 .*Make it shorter\./,
  );
});
