import { afterEach, expect, test, vi } from "vitest";
import { UserError } from "../errors.ts";
import { devServerOrigin, findServer, parseServerUrl } from "./server-url.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

/** What answers on the dev server's port. */
function answer(response: () => Promise<Response>): void {
  vi.stubGlobal("fetch", vi.fn(response));
}

test("a URL is taken as it is given, and nothing is asked", async () => {
  answer(() => Promise.reject(new Error("It was asked.")));
  expect(await findServer({ url: "https://Mcp.example.workers.dev/" })).toEqual({
    origin: "https://mcp.example.workers.dev",
    source: "url",
  });
  expect(parseServerUrl("http://localhost:8787/mcp/")).toEqual({
    origin: "http://localhost:8787",
    path: "/mcp",
  });
});

test.each([
  ["localhost:8787", /not http or https/],
  ["example", /is not a URL/],
  ["ftp://mcp.example", /not http or https/],
  ["https://ada:secret@mcp.example", /leave the user name and password out/],
  ["https://mcp.example/mcp?a=1", /\? or # part/],
])("%s is not a server's URL", (url, said) => {
  expect(() => parseServerUrl(url)).toThrow(said);
  expect(() => parseServerUrl(url)).toThrow(UserError);
});

test("a password in a URL is not repeated", () => {
  expect(() => parseServerUrl("https://ada:s3cret@mcp.example")).not.toThrow(/s3cret/);
});

test("without a name it is the dev server, where one answers", async () => {
  answer(async () => Response.json({ resource: `${devServerOrigin}/mcp` }));
  expect(await findServer({})).toEqual({ origin: devServerOrigin, source: "dev server" });

  answer(async () => new Response("<h1>Another program</h1>"));
  await expect(findServer({})).rejects.toThrow(/is not a dev server.*npm start/);
  answer(async () => Response.json({ resource: "https://elsewhere.example/mcp" }));
  await expect(findServer({})).rejects.toThrow(/is not a dev server/);
  answer(() => Promise.reject(new TypeError("fetch failed")));
  await expect(findServer({})).rejects.toThrow(
    /No dev server answers.*npm start.*--stack or --url/,
  );
});

test("a URL and a stack are one too many", async () => {
  await expect(findServer({ url: "https://mcp.example", stack: "prod" })).rejects.toThrow(
    /--url and --stack/,
  );
});

test("a stack whose URL cannot be seen is not told to be undeployed", async () => {
  const outputs: Record<string, unknown> = { url: "https://mcp.example/" };
  vi.doMock("./stack/outputs.ts", () => ({ readStackOutputs: async () => outputs }));
  expect((await findServer({ stack: "prod" })).origin).toBe("https://mcp.example");
  outputs.url = "[secret]";
  await expect(findServer({ stack: "prod" })).rejects.toThrow(
    /the output url of prod cannot be read: .*secret.*Give --url instead/,
  );
  delete outputs.url;
  await expect(findServer({ stack: "prod" })).rejects.toThrow("prod is not deployed");
  vi.doUnmock("./stack/outputs.ts");
});
