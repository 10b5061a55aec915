import { expect, test } from "vitest";
import { chooseAddress } from "./choose-address.ts";
import type { FoundWorker } from "./found-worker.ts";

const zone = { zoneId: "z", zone: "example.com" };
const domain = (hostname: string) => ({ id: hostname, hostname, ...zone });
const route = (pattern: string, at = zone) => ({ id: pattern, pattern, ...at });

/** A Worker to which these lead. */
function createWorker(parts: Partial<FoundWorker>): FoundWorker {
  return { name: "parrot", workersDev: true, domains: [], routes: [], ...parts } as FoundWorker;
}

test("a custom domain is the public URL before routes, and routes before workers.dev", () => {
  const both = createWorker({
    domains: [domain("a.example.com")],
    routes: [route("a.example.com/mcp*"), route("b.example.com/*"), route("*.example.com/x")],
  });
  const chosen = chooseAddress(both, undefined);
  expect(chosen.customDomain?.hostname).toBe("a.example.com");
  expect(chosen.publicUrl).toBeUndefined();
  expect(chosen.routes.map(({ pattern }) => pattern)).toEqual(["a.example.com/mcp*"]);
  expect(chosen.outside).toEqual(["route b.example.com/*", "route *.example.com/x"]);

  const routed = chooseAddress(createWorker({ routes: [route("b.example.com/*")] }), undefined);
  expect(routed.publicUrl).toBe("https://b.example.com");
  // A route that stands for several hosts is of none, also where the Worker is at workers.dev.
  const wild = chooseAddress(createWorker({ routes: [route("*.example.com/x")] }), undefined);
  expect([wild.routes, wild.publicUrl, wild.outside]).toEqual([
    [],
    undefined,
    ["route *.example.com/x"],
  ]);
  expect(chooseAddress(createWorker({}), undefined)).toEqual({
    customDomain: undefined,
    routes: [],
    publicUrl: undefined,
    outside: [],
  });
});

test("of several hosts the person names the one that is in use", () => {
  const worker = createWorker({ domains: [domain("a.example.com"), domain("b.example.com")] });
  expect(() => chooseAddress(worker, undefined)).toThrow(
    /--url: several hosts lead to .*a\.example\.com, b\.example\.com/,
  );
  const named = chooseAddress(worker, new URL("https://b.example.com"));
  expect(named.customDomain?.hostname).toBe("b.example.com");
  expect(named.outside).toEqual(["domain a.example.com"]);
  const own = chooseAddress(worker, new URL("https://parrot.ada.workers.dev"));
  expect([own.customDomain, own.outside.length]).toEqual([undefined, 2]);
});

test("a host that does not lead to the Worker is refused, and so are routes of several zones", () => {
  const worker = createWorker({ workersDev: false, domains: [domain("a.example.com")] });
  for (const url of ["https://c.example.com", "https://parrot.ada.workers.dev"]) {
    expect(() => chooseAddress(worker, new URL(url))).toThrow("What does: a.example.com.");
  }
  const other = { zoneId: "y", zone: "a.example.com" };
  const split = [route("a.example.com/x"), route("a.example.com/y", other)];
  expect(() => chooseAddress(createWorker({ routes: split }), undefined)).toThrow(/several zones/);
});
