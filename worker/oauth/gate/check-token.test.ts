import { beforeEach, expect, test, vi } from "vitest";
import { OAuthWorker } from "../../../tests/support/worker/oauth-worker.ts";
import { checkPatiently } from "./check-token.ts";

beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  vi.spyOn(console, "log").mockImplementation(() => undefined);
});

test("what cannot be reached is asked twice, and then the client is told to come again", async () => {
  const check = vi.fn(() => Promise.reject(new Error("KV GET failed: 500")));
  await expect(checkPatiently(check)).rejects.toMatchObject({ statusCode: 503 });
  expect(check).toHaveBeenCalledTimes(2);
});

test.each([new TypeError("x is undefined"), new SyntaxError("no JSON")])(
  "a defect is no outage: %s",
  async (error) => {
    const check = vi.fn(() => Promise.reject(error));
    await expect(checkPatiently(check)).rejects.toMatchObject({ statusCode: 500 });
    expect(check).toHaveBeenCalledTimes(1);
  },
);

test("an unknown token counts once, though its gate fails once", async () => {
  const worker = new OAuthWorker();
  const asked: string[] = [];
  let failures = 1;
  const TOKEN_GATES = new Proxy(worker.env.TOKEN_GATES, {
    get(target, name) {
      if (name === "get" && failures-- > 0) throw new Error("The gate was moved.");
      return (Reflect.get(target, name) as () => void).bind(target);
    },
  });
  const TOKEN_LIMIT = {
    limit: async ({ key }: { key: string }) => {
      asked.push(key);
      return { success: true };
    },
  };
  Object.assign(worker.env, { TOKEN_GATES, TOKEN_LIMIT });
  const token = `${"u".repeat(22)}:${"g".repeat(16)}:${"s".repeat(32)}`;
  expect((await worker.call(token)).status).toBe(401);
  expect(failures).toBeLessThan(1);
  expect(asked.filter((key) => key.startsWith("unknown:"))).toHaveLength(1);
});
