import { reset, runInDurableObject } from "cloudflare:test";
import type { DurableObjectStorage } from "@cloudflare/workers-types";
import { afterEach, expect, test, vi } from "vitest";
import { workerEnv } from "../../../tests/support/worker/worker-env.ts";
import { GateMemory } from "./gate-memory.ts";
import { findGate } from "./gates.ts";

afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

const minute = 60_000;

test("the alarm is set when it must come sooner, and never moves to later", async () => {
  const gate = findGate(workerEnv, { userId: "u", grantId: "g" });
  await runInDurableObject(gate as never, async (_gate, { storage }) => {
    const memory = new GateMemory(storage as DurableObjectStorage);
    const setAlarm = vi.spyOn(storage, "setAlarm");
    const start = Date.now();
    vi.setSystemTime(start);
    await memory.write("first", "a", 2 * minute);
    await memory.write("later", "b", 3 * minute);
    await memory.write("first", "c", 4 * minute);
    expect(setAlarm).toHaveBeenCalledTimes(1);
    await memory.write("sooner", "d", minute);
    expect(setAlarm).toHaveBeenCalledTimes(2);
    expect(await storage.getAlarm()).toBe(start + minute);
    // An alarm whose time is over may have failed.
    vi.setSystemTime(start + 2 * minute);
    await memory.write("afterwards", "e", minute);
    expect(setAlarm).toHaveBeenCalledTimes(3);
  });
});

test("what is held is known at once, and stored with what is written next, in one step", async () => {
  const gate = findGate(workerEnv, { userId: "u", grantId: "h" });
  await runInDurableObject(gate as never, async (_gate, { storage }) => {
    const memory = new GateMemory(storage as DurableObjectStorage);
    const put = vi.spyOn(storage, "put");
    await memory.hold("grant", "redeemed", minute);
    expect((await memory.read("grant"))?.value).toBe("redeemed");
    expect(put).not.toHaveBeenCalled();
    await memory.write("token", "a", 2 * minute);
    expect(put).toHaveBeenCalledTimes(1);
    expect([...(await storage.list()).keys()]).toEqual(["grant", "token"]);
    // The alarm is that of the first that is due.
    expect(await storage.getAlarm()).toBeLessThan(Date.now() + 2 * minute);
    await memory.hold("grant", "again", minute);
    await memory.hold("gone", "b", minute);
    await memory.forget("gone");
    await memory.store();
    await memory.store();
    expect(put).toHaveBeenCalledTimes(2);
    const stored = await new GateMemory(storage as DurableObjectStorage).list("");
    expect(stored.kept).toEqual(["grant", "token"]);
    expect(await new GateMemory(storage as DurableObjectStorage).read("grant")).toMatchObject({
      value: "again",
    });
  });
});
