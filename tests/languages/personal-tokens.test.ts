import { expect } from "vitest";
import { requireMade } from "../support/language-programs.ts";
import { Person } from "../support/person.ts";
import { makePersonalToken } from "../support/personal-token.ts";
import { listRoutes } from "../support/routes.ts";
import { test as base } from "../support/token-stack.ts";
import { LanguageProgram } from "./language-program.ts";
import { type Sdk, sdks, shortWays } from "./ways.ts";

const person = new Person("ada@tokens.example");

/** A token by its form, which nobody has given out. */
const refused = `rmcp_${"0".repeat(36)}`;

const test = base.extend("token", { scope: "file" }, ({ server }) =>
  makePersonalToken(server.origin, person),
);

const tried =
  process.env.LANGUAGES === "all"
    ? sdks
    : sdks.filter((sdk) => shortWays.some((way) => way.sdk === sdk));

/** Runs an SDK's program with a token. @param more arguments. */
function run(sdk: Sdk, made: string, origin: string, token: string, ...more: string[]) {
  return new LanguageProgram(
    [...sdk.command(made), `${origin}/mcp`, "http", ...more],
    person,
    token,
  );
}

for (const sdk of tried) {
  test(`${sdk.name} calls with a personal token as a header, and on a refused one ends, and starts no login`, async ({
    server,
    token,
    skip,
  }) => {
    const made = requireMade(skip, sdk.made);
    {
      await using program = run(sdk, made, server.origin, token);
      expect(await program.answer(), program.complaints).toMatchObject({ did: "connect" });
      expect(await program.ask('call sum {"a":2,"b":3}')).toMatchObject({ structured: { sum: 5 } });
      expect(await program.end(), program.complaints).toBe(0);
    }
    await using program = run(sdk, made, server.origin, refused);
    const routes = await listRoutes(server, async () => {
      const answer = await program.answer();
      expect(answer).toEqual({ did: "end", error: expect.stringMatching(sdk.refusal) });
    });
    expect(routes).toEqual(["/mcp"]);
    expect(program.opened).toEqual([]);
  });
}

for (const sdk of tried.filter(({ hasLogin }) => hasLogin)) {
  test(`${sdk.name} with a login beside the token starts it on a refused one anyway, and goes on with it`, async ({
    server,
    skip,
  }) => {
    const made = requireMade(skip, sdk.made);
    await using program = run(sdk, made, server.origin, refused, "login");
    // Without resource_metadata it looks at the addresses where metadata usually is.
    expect(await program.answer(), program.complaints).toMatchObject({ did: "connect" });
    expect(program.opened).toHaveLength(1);
    expect(await program.ask('call sum {"a":2,"b":3}')).toMatchObject({ structured: { sum: 5 } });
    expect(await program.end(), program.complaints).toBe(0);
  });
}
