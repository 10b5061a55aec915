import { expect, test } from "vitest";
import { OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import { startStackServer } from "../support/stack-server.ts";

const redirectUri = "http://localhost:8091/callback";

/** Where each document is published, and what its publisher answers. */
const published: Record<string, (url: string) => Response | Promise<Response>> = {
  good: (url) => Response.json(toDocument(url)),
  redirect: () => Response.redirect("https://app.example.com/good", 302),
  "redirect inwards": () => Response.redirect("http://169.254.169.254/latest/meta-data", 302),
  oversize: (url) => Response.json({ ...toDocument(url), padding: "x".repeat(6000) }),
  slow: () => new Promise<Response>(() => {}),
  html: () => new Response("<!doctype html><title>Welcome</title>"),
  "no object": () => Response.json([]),
  empty: () => new Response(""),
  "not found": () => Response.json({ error: "no" }, { status: 404 }),
  "out of order": () => new Response("no", { status: 503 }),
  "another client": () => Response.json(toDocument("https://app.example.com/good")),
  "another spelling": (url) => Response.json(toDocument(url.replace("https", "HTTPS"))),
  "no client_id": (url) => Response.json({ ...toDocument(url), client_id: undefined }),
  "another redirect": (url) =>
    Response.json({ ...toDocument(url), redirect_uris: ["https://app.example.com/other"] }),
  "no redirects": (url) => Response.json({ ...toDocument(url), redirect_uris: [] }),
  "a script for a redirect": (url) =>
    Response.json({ ...toDocument(url), redirect_uris: ["javascript:alert(1)"] }),
  "a shared secret": (url) =>
    Response.json({ ...toDocument(url), token_endpoint_auth_method: "client_secret_basic" }),
};

function toDocument(url: string): object {
  return {
    client_id: url,
    client_name: "Published",
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: "none",
  };
}

function toUrl(name: string): string {
  return `https://app.example.com/${name.replaceAll(" ", "-")}`;
}

test("a metadata document is taken from its own address only, in time, in size and in form", async () => {
  const answers = new Map(
    Object.entries(published).map(([name, answer]) => [toUrl(name), answer] as const),
  );
  const fetched: string[] = [];
  await using server = await startStackServer({
    outbound(url) {
      fetched.push(url);
      return answers.get(url)?.(url) ?? new Response("Nobody is here.", { status: 404 });
    },
  });
  const some = await OAuthApp.register(server.origin);
  const visit = async (clientId: string) => {
    const { url } = some.begin();
    url.searchParams.set("client_id", clientId);
    const person = new Person("ada@example.com");
    return { person, page: await person.visit(url), url };
  };
  const names = Object.keys(published).filter((name) => name !== "good");
  // At once: the slow one takes the ten seconds that the server waits.
  const visits = await Promise.all(
    names.map(async (name) => [name, await visit(toUrl(name))] as const),
  );
  for (const [name, { person, page }] of visits) {
    expect(page, name).toMatchObject({ status: 400, leavesFor: undefined });
    expect(person.sees("sign-in"), name).toBe(false);
    // What the publisher said is not passed on.
    expect(page.text, name).not.toContain("Welcome");
  }
  expect(fetched.toSorted()).toEqual(names.map(toUrl).toSorted());

  const { person, page, url } = await visit(toUrl("good"));
  expect(page.status).toBe(200);
  await person.signIn();
  expect(person.page.text).toContain("app.example.com");
  const { leavesFor } = await person.decide("approve");
  expect(leavesFor?.href.split("?")[0]).toBe(url.searchParams.get("redirect_uri"));

  // A client that is not an address, or an address that is none of a document.
  for (const clientId of [
    "http://app.example.com/good",
    "https://app.example.com",
    "https://app.example.com/good#part",
    "https://user@app.example.com/good",
    "https://app.example.com/a/../good",
    "file:///etc/passwd",
    "data:application/json,{}",
  ]) {
    fetched.length = 0;
    const refused = await visit(clientId);
    expect(refused.page, clientId).toMatchObject({ status: 400, leavesFor: undefined });
    expect(fetched, clientId).toEqual([]);
  }
});

test("what is deployed says that fetches leave for the public Internet only", async () => {
  let flags: readonly string[] = [];
  await using server = await startStackServer({
    async change(spec) {
      flags = spec.compatibilityFlags;
      return spec;
    },
  });
  expect(server.origin).toBeTruthy();
  expect(flags).toContain("global_fetch_strictly_public");
});

test("a stack that lists domains takes metadata documents of those only, and asks for no other", async () => {
  const fetched: string[] = [];
  await using server = await startStackServer({
    settings: { clientDomains: '["example.com"]' },
    outbound(url) {
      fetched.push(url);
      return Response.json(toDocument(url));
    },
  });
  const visit = async (clientId: string) => {
    const app = OAuthApp.known(server.origin, clientId, redirectUri);
    const person = new Person("ada@example.com");
    return { person, page: await person.visit(app.begin().url) };
  };
  for (const host of ["notexample.com", "example.com.evil.example", "example.org"]) {
    const { page } = await visit(`https://${host}/client`);
    expect(page, host).toMatchObject({ status: 400, leavesFor: undefined });
    expect(page.text, host).toContain("is on a domain that this server does not list");
  }
  expect(fetched).toEqual([]);
  for (const host of ["example.com", "app.example.com"]) {
    const { person } = await visit(`https://${host}/client`);
    expect(person.sees("sign-in"), host).toBe(true);
  }
  expect(fetched.length).toBeGreaterThan(0);
});
