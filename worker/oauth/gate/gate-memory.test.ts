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
