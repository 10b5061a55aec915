import { expect, test, vi } from "vitest";
import { callTool } from "../../tests/support/worker/call-tool.ts";
import randomWalk from "./random-walk.ts";

test("the same seed gives the same walk, and another one another", async () => {
  const walk = async (seed: number) =>
    (await callTool(randomWalk, { steps: 100, pause: 0, seed })).structured;
  expect(await walk(7)).toEqual(await walk(7));
  expect(await walk(7)).not.toEqual(await walk(8));
});

test("it ends where its last step led, between its lowest and its highest place", async () => {
  const places: number[] = [];
  const { structured } = await callTool(
    randomWalk,
    { steps: 60, pause: 0, seed: 3 },
    { onProgress: ({ message }) => places.push(Number(message?.replace("At ", ""))) },
  );
  expect(places).toHaveLength(60);
  expect(
    [0, ...places].slice(0, -1).map((place, step) => Math.abs(place - (places[step] ?? 0))),
  ).toEqual(Array(60).fill(1));
  expect(structured).toEqual({
    position: places.at(-1),
    lowest: Math.min(0, ...places),
    highest: Math.max(0, ...places),
    steps: 60,
  });
});

test("its progress rises step by step to the total", async () => {
  const seen: unknown[] = [];
  await callTool(
    randomWalk,
    { steps: 4, pause: 0 },
    { onProgress: ({ progress, total }) => seen.push([progress, total]) },
  );
  expect(seen).toEqual([
    [1, 4],
    [2, 4],
    [3, 4],
    [4, 4],
  ]);
});

test("it takes no step more once the client cancels", async () => {
  const logged = vi.spyOn(console, "log");
  const cancel = new AbortController();
  const steps: number[] = [];
  const call = callTool(
    randomWalk,
    { steps: 500, pause: 20 },
    {
      signal: cancel.signal,
      onProgress: ({ progress }) => {
        steps.push(progress);
        if (progress === 3) cancel.abort("enough");
      },
    },
  );
  await expect(call).rejects.toThrow("enough");
  await expect
    .poll(() => logged.mock.calls.map(([line]) => JSON.parse(String(line))))
    .toContainEqual(expect.objectContaining({ tool: "random_walk", outcome: "cancelled" }));
  expect(steps).toEqual([1, 2, 3]);
});

test("it does not wait for the end of a pause when it is cancelled", async () => {
  const cancel = new AbortController();
  // Not through the server, which ends the call even where the tool does not look.
  const context = { signal: cancel.signal } as Parameters<typeof randomWalk.run>[1];
  const running = randomWalk.run({ steps: 1, pause: 60_000, seed: 1 }, context);
  setTimeout(() => cancel.abort(new Error("enough")), 5);
  await expect(running).rejects.toThrow("enough");
});

test("more steps, or longer pauses, than it takes are refused with the bound", async () => {
  expect((await callTool(randomWalk, { steps: 501 })).text).toMatch(/steps: .*<=500/);
  expect((await callTool(randomWalk, { pause: 1001 })).text).toMatch(/pause: .*<=1000/);
});
