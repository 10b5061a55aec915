import type { AuthRequest } from "@cloudflare/workers-oauth-provider";
import { describe, expect, test } from "vitest";
import { UpstreamError } from "../../identity/identity.ts";
import {
  decideFailedReturn,
  decideReturn,
  decideSignedIn,
  decideVisit,
  decideYes,
  findObstacle,
  findOtherPerson,
  type Return,
  type Visit,
} from "./decide.ts";
import type { Person } from "./known.ts";
import type { Step } from "./steps.ts";

const authRequest: AuthRequest = {
  responseType: "code",
  clientId: "client",
  redirectUri: "https://app.example/callback",
  scope: ["demo:use"],
  state: "s",
};
const returnTo = "https://mcp.example/authorize?client_id=client";
const headers = new Headers({ "set-cookie": "before=1" });
const tokens = { accessToken: "token" };
const identity = { method: "test", issuer: "test", subject: "ada" };
const ada: Person = { identity, id: "id-of-ada", isAllowed: true };
const eve: Person = {
  identity: { ...identity, subject: "eve" },
  id: "id-of-eve",
  isAllowed: false,
};

/** Nobody is signed in, at a stack with a sign-in form, and nothing is asked for but the usual. */
const plain: Visit = {
  authRequest,
  returnTo,
  person: undefined,
  method: "form",
  needsTokens: false,
  cause: "person",
  isSilent: false,
  isRemembered: false,
};

/** The client's request to which a page leads back. */
function readSentBack(step: Step | undefined) {
  return step?.next === "turn away" ? step.authRequest : undefined;
}

describe("a person opens a client's request", () => {
  test.each<[name: string, visit: Partial<Visit>, step: object]>([
    ["nobody, form", {}, { next: "ask sign-in", authRequest, cause: "person" }],
    [
      "nobody, form, caused by nobody knows whom",
      { cause: "unknown" },
      { next: "ask sign-in", cause: "unknown" },
    ],
    ["nobody, edge", { method: "edge" }, { next: "show problem", status: 403 }],
    [
      "nobody, elsewhere: consent first",
      { method: "redirect" },
      { next: "ask consent", authRequest, person: undefined },
    ],
    ["a person", { person: ada }, { next: "ask consent", authRequest, person: ada }],
    [
      "a person, elsewhere",
      { person: ada, method: "redirect" },
      { next: "ask consent", person: ada },
    ],
    ["a person, edge", { person: ada, method: "edge" }, { next: "ask consent" }],
    [
      "who may have none of it",
      { person: ada, authRequest: { ...authRequest, scope: [] } },
      { next: "turn away", identity: ada.identity, lacks: "scopes", returnTo },
    ],
    [
      "who may have none of it any more, with a remembered yes",
      { person: ada, isRemembered: true, authRequest: { ...authRequest, scope: [] } },
      { next: "turn away", lacks: "scopes" },
    ],
    [
      "nobody, elsewhere, and nobody may have any of it",
      { method: "redirect", authRequest: { ...authRequest, scope: [] } },
      { next: "refuse", because: "no scope" },
    ],
    [
      "whom the stack does not let in",
      { person: eve },
      { next: "turn away", identity: eve.identity, returnTo },
    ],
    [
      "whom it no longer lets in, with a remembered yes",
      { person: eve, isRemembered: true },
      { next: "turn away" },
    ],
    [
      "a remembered yes",
      { person: ada, isRemembered: true },
      { next: "grant", authRequest, person: ada },
    ],
    [
      "a remembered yes, tokens needed",
      { person: ada, isRemembered: true, method: "redirect", needsTokens: true },
      { next: "go upstream", authRequest, returnTo, userId: ada.id },
    ],
    ["no page, nobody", { isSilent: true }, { next: "refuse", authRequest, because: "no page" }],
    [
      "no page, nobody, elsewhere",
      { isSilent: true, method: "redirect" },
      { next: "refuse", because: "no page" },
    ],
    [
      "no page, nobody, edge",
      { isSilent: true, method: "edge" },
      { next: "refuse", because: "no page" },
    ],
    ["no page, a person", { isSilent: true, person: ada }, { next: "refuse", because: "no page" }],
    [
      "no page, whom the stack does not let in",
      { isSilent: true, person: eve, isRemembered: true },
      { next: "refuse", because: "no page" },
    ],
    [
      "no page, a remembered yes",
      { isSilent: true, person: ada, isRemembered: true },
      { next: "grant" },
    ],
    [
      "no page, a remembered yes, tokens needed",
      { isSilent: true, person: ada, isRemembered: true, method: "redirect", needsTokens: true },
      { next: "refuse", because: "no page" },
    ],
  ])("%s", (_name, visit, step) => {
    expect(decideVisit({ ...plain, ...visit })).toMatchObject(step);
  });

  test("whoever is turned away can go back to the client without access", () => {
    const step = decideVisit({ ...plain, person: eve });
    expect(readSentBack(step)).toBe(authRequest);
  });

  test("of all there are, only an allowed person's remembered yes leads on without a page", () => {
    const flags = [false, true];
    let count = 0;
    for (const person of [undefined, ada, eve])
      for (const method of ["form", "edge", "redirect"] as const)
        for (const needsTokens of flags)
          for (const isSilent of flags)
            for (const isRemembered of flags) {
              const visit = { ...plain, person, method, needsTokens, isSilent, isRemembered };
              const { next } = decideVisit(visit);
              const goesOn = next === "grant" || next === "go upstream";
              const may = person === ada && isRemembered && !(isSilent && needsTokens);
              expect(goesOn, JSON.stringify(visit)).toBe(may);
              if (isSilent && !may) expect(next).toBe("refuse");
              count += 1;
            }
    expect(count).toBe(72);
  });
});

describe("a person filled in the sign-in form", () => {
  test.each<[name: string, person: Person, isRemembered: boolean, step: object]>([
    ["nothing remembered", ada, false, { next: "redirect", to: returnTo, headers }],
    ["a remembered yes", ada, true, { next: "grant", person: ada, headers }],
    ["a remembered yes of who is no longer let in", eve, true, { next: "redirect", to: returnTo }],
  ])("%s", (_name, person, isRemembered, step) => {
    expect(decideSignedIn({ ...plain, person, isRemembered, headers })).toMatchObject(step);
  });
});

describe("somebody answers a consent page", () => {
  test.each<[name: string, Partial<Parameters<typeof findOtherPerson>[0]>, step: object | null]>([
    ["who was asked", { person: ada, shownPerson: ada.id }, null],
    ["nobody, and nobody was asked, elsewhere", { method: "redirect" }, null],
    ["nobody, form", {}, { next: "redirect", to: returnTo }],
    ["nobody, edge", { method: "edge" }, { next: "redirect", to: returnTo }],
    [
      "nobody any more, elsewhere",
      { method: "redirect", shownPerson: ada.id },
      { next: "redirect", to: returnTo },
    ],
    [
      "somebody else",
      { person: ada, shownPerson: eve.id },
      { next: "show problem", status: 409, returnTo },
    ],
    [
      "somebody who signed in since, elsewhere",
      { person: ada, method: "redirect" },
      { next: "show problem", status: 409, returnTo },
    ],
  ])("%s", (_name, answerer, step) => {
    const found = findOtherPerson({ ...plain, shownPerson: "", ...answerer });
    if (step === null) expect(found).toBeUndefined();
    else expect(found).toMatchObject(step);
  });
});

describe("a person said yes", () => {
  test.each<[name: string, known: Partial<Visit>, step: object]>([
    ["form", { person: ada }, { next: "grant", authRequest, person: ada, headers }],
    [
      "not signed in yet",
      { method: "redirect" },
      { next: "go upstream", authRequest, returnTo, headers },
    ],
    [
      "whom the stack does not let in",
      { person: eve },
      { next: "refuse", authRequest, because: "no access", headers },
    ],
    [
      "whom the stack does not let in, tokens needed",
      { person: eve, method: "redirect", needsTokens: true },
      { next: "refuse", because: "no access" },
    ],
    [
      "who may have none of it",
      { person: ada, authRequest: { ...authRequest, scope: [] } },
      { next: "refuse", because: "no scope", headers },
    ],
    [
      "tokens needed",
      { person: ada, method: "redirect", needsTokens: true },
      { next: "go upstream", userId: ada.id, returnTo, headers },
    ],
    [
      "tokens there",
      { person: ada, method: "redirect", needsTokens: true, tokens },
      { next: "grant", tokens, headers },
    ],
    [
      "tokens needed that this way to sign in has not",
      { person: ada, needsTokens: true },
      { next: "grant", tokens: undefined },
    ],
  ])("%s", (_name, known, step) => {
    expect(decideYes({ ...plain, headers, ...known })).toMatchObject(step);
  });

  test("a remembered yes of who may have none of it leads to the page that says so", () => {
    const none = { ...plain, authRequest: { ...authRequest, scope: [] } };
    const known = { ...none, person: ada, isRemembered: true, headers };
    expect(decideSignedIn(known)).toMatchObject({ next: "redirect", to: returnTo });
  });

  test("who signs in there for the first time may be anybody", () => {
    expect(decideYes({ ...plain, method: "redirect" })).not.toHaveProperty("userId");
  });
});

describe("a person comes back from the server that signs people in", () => {
  const plainReturn: Return = {
    ...plain,
    method: "redirect",
    person: ada,
    headers,
    isForClient: true,
    expectedPerson: undefined,
  };

  test.each<[name: string, back: Partial<Return>, step: object | null]>([
    ["whoever it is", {}, null],
    ["who said yes", { expectedPerson: ada.id }, null],
    [
      "somebody else",
      { expectedPerson: eve.id },
      { next: "show problem", status: 409, returnTo, headers },
    ],
    [
      "whom the stack does not let in",
      { person: eve },
      { next: "turn away", identity: eve.identity, returnTo, headers },
    ],
    [
      "somebody else whom it does not let in",
      { person: eve, expectedPerson: ada.id },
      { next: "turn away" },
    ],
    [
      "who may have none of what the client asks for",
      { authRequest: { ...authRequest, scope: [] } },
      { next: "turn away", lacks: "scopes", returnTo, headers },
    ],
    [
      "for a page of ours, which asks for no scope",
      { isForClient: false, authRequest: { ...authRequest, scope: [] } },
      null,
    ],
    ["with tokens", { needsTokens: true, tokens }, null],
    [
      "without tokens",
      { needsTokens: true },
      { next: "report upstream", error: { problem: "invalid" }, returnTo, headers },
    ],
  ])("what stands against it: %s", (_name, back, step) => {
    const found = findObstacle({ ...plainReturn, ...back });
    if (step === null) expect(found).toBeUndefined();
    else expect(found).toMatchObject(step);
  });

  test("only a client that asked is told that a person was turned away", () => {
    const sentBack = (isForClient: boolean) =>
      readSentBack(findObstacle({ ...plainReturn, person: eve, isForClient }));
    expect(sentBack(true)).toBe(authRequest);
    expect(sentBack(false)).toBeUndefined();
  });

  test.each<[name: string, back: Partial<Return>, step: object]>([
    ["for a client", {}, { next: "grant", person: ada, headers }],
    ["for a client, with tokens", { needsTokens: true, tokens }, { next: "grant", tokens }],
    ["for a page of ours", { isForClient: false }, { next: "redirect", to: returnTo, headers }],
  ])("signed in: %s", (_name, back, step) => {
    expect(decideReturn({ ...plainReturn, ...back })).toMatchObject(step);
  });

  const home = "https://mcp.example/";
  test.each<[UpstreamError["problem"], isForClient: boolean, step: object]>([
    ["declined", true, { next: "refuse", authRequest, because: "declined", headers }],
    ["declined", false, { next: "redirect", to: home, headers }],
    ["unavailable", true, { next: "report upstream", returnTo, headers }],
    ["invalid", false, { next: "report upstream", returnTo, headers }],
    ["revoked", true, { next: "report upstream", returnTo, headers }],
  ])("not signed in: %s, for a client: %s", (problem, isForClient, step) => {
    const error = new UpstreamError(problem, "");
    expect(decideFailedReturn({ ...plainReturn, isForClient }, error, home)).toMatchObject(step);
  });
});
