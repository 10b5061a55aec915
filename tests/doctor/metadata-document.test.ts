import { expect, test } from "vitest";
import { atDomain } from "../support/at-domain.ts";
import { at, page, redirectTo } from "./alterations.ts";
import { startAlteredServer } from "./altered-server.ts";
import { examineAs, findTroubles } from "./examine.ts";

const origin = "https://mcp.example.com";
const client = "https://claude.ai/oauth/claude-code-client-metadata";

test("cimd: a public server takes a published document for a client, and where it does not, this line fails", async () => {
  const fetched: string[] = [];
  await using altered = await startAlteredServer({
    settings: { registrationsPerMinute: "1000" },
    change: atDomain(origin),
    outbound(url) {
      fetched.push(url);
      return Response.json({
        client_id: client,
        client_name: "Claude Code",
        redirect_uris: ["http://localhost/callback", "http://127.0.0.1/callback"],
        token_endpoint_auth_method: "none",
      });
    },
  });
  const look = () => examineAs(origin, altered.origin);

  const healthy = await look();
  expect(findTroubles(healthy)).toEqual({});
  // Nothing is left out where the server is public and published, but for what this stack does not have.
  const unseen = [...healthy].filter(([, { verdict }]) => verdict !== "ok").map(([id]) => id);
  expect(unseen).toEqual(["personal-tokens", "company-assertions"]);
  expect(new Set(fetched)).toEqual(new Set([client]));

  altered.alter = at("/authorize", (response, { url }) =>
    url.includes("client_id=https") ? page("This app could not be verified", 400) : response,
  );
  expect(findTroubles(await look())).toEqual({ cimd: "failed" });

  altered.alter = at("/authorize", (response, { url }) =>
    url.includes("client_id=https")
      ? redirectTo("http://localhost:8765/callback?error=invalid_client&state=doctor")
      : response,
  );
  const sentBack = await look();
  expect(findTroubles(sentBack)).toEqual({ cimd: "failed" });
  expect(sentBack.get("cimd")?.reason).toContain("invalid_client");
});

test("cimd: a server that cannot fetch the document fails this line, by itself", async () => {
  await using altered = await startAlteredServer({
    change: atDomain(origin),
    outbound: () => new Response("Nobody is here.", { status: 404 }),
  });
  expect(findTroubles(await examineAs(origin, altered.origin))).toEqual({ cimd: "failed" });
});
