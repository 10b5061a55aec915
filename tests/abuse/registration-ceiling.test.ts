import { expect, test } from "vitest";
import { startStackServer } from "../support/stack-server.ts";

function register(origin: string, redirect = "http://localhost:9/cb"): Promise<Response> {
  return fetch(`${origin}/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ redirect_uris: [redirect] }),
  });
}

async function countStatuses(answers: readonly Response[]): Promise<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** Of 110 places one address has 10. */
const settings = { registrationsPerDay: "110", registrationsPerMinute: "1000" };

test("one address has its share of a day's registrations and not one more, even at once", async () => {
  await using server = await startStackServer({ settings });
  const invalid = await Promise.all(
    Array.from({ length: 15 }, () => register(server.origin, "http://remote.example/cb")),
  );
  // What is refused for another reason takes no place.
  expect(await countStatuses(invalid)).toEqual({ 400: 15 });
  const answers = await Promise.all(Array.from({ length: 30 }, () => register(server.origin)));
  expect(await countStatuses(answers)).toEqual({ 201: 10, 429: 20 });
  const refused = await register(server.origin);
  const wait = Number(refused.headers.get("retry-after"));
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThanOrEqual(3600);
  expect(await refused.json()).toEqual({
    error: "temporarily_unavailable",
    error_description: expect.stringContaining("Too many registrations from this address today"),
  });
  expect(server.requests.filter((line) => line.includes("registration-refused"))).toHaveLength(21);
});

test("a mistake is answered with what is wrong, not with the ceiling, until the day is full", async () => {
  await using server = await startStackServer({ settings });
  const tooLong = await register(server.origin, `http://localhost:9/${"x".repeat(70_000)}`);
  expect(tooLong.status).toBe(413);
  expect(await tooLong.json()).toMatchObject({ error: "invalid_client_metadata" });
  const get = await fetch(`${server.origin}/register`);
  expect(get.status).toBe(405);
});
