import { expect } from "vitest";
import { baseScope } from "../fixture/scopes.ts";
import { Person } from "../support/person.ts";
import { toolNames } from "../support/tool-names.ts";
import { LanguageProgram } from "./language-program.ts";
import type { Row } from "./row.ts";
import type { Way } from "./ways.ts";

/** What happened, to be shown. */
export interface Told {
  readonly row: Row;
  /** What the program was told, and what it printed. */
  readonly transcript: string;
}

/**
 * A person connects a program of another language. It registers, logs in, lists, calls, refreshes, needs
 * another scope, and goes on after its person ended the connection.
 * @param made what `tests/languages/build` made for it.
 */
export async function tell(origin: string, way: Way, made: string): Promise<Told> {
  const { sdk, endpoint, transport, stepsUp, survives } = way;
  const person = new Person(`${sdk.made}.${endpoint.slice(1)}.${transport}@languages.example`);
  const url = `${origin}${endpoint}`;
  const command = [...sdk.command(made), url, transport];
  await using program = new LanguageProgram(command, person);

  const connected = await program.answer();
  expect(connected, program.complaints).toMatchObject({ did: "connect", scope: baseScope });
  expect(program.opened.map(({ searchParams: sent }) => sent.get("resource"))).toEqual([url]);

  expect(await program.ask("list")).toEqual({ did: "list", tools: toolNames });
  const sum = await program.ask('call sum {"a":2,"b":40.5}');
  expect(sum).toEqual({ did: "call", isError: false, structured: { sum: 42.5 } });
  const me = await program.ask("call whoami {}");
  expect(me).toMatchObject({ structured: { email: person.email, scopes: baseScope.split(" ") } });
  const refreshed = await program.ask("refresh");
  expect(refreshed).toEqual({ did: "refresh", renewed: true });
  expect(program.opened).toHaveLength(1);

  const more = await program.ask('call put {"name":"vat_rate","value":19}');
  const steppedUp = { isError: false, structured: { name: "vat_rate", replaced: false } };
  expect(more).toMatchObject(stepsUp ? steppedUp : { error: expect.stringMatching(/403|scope/i) });
  const asked = program.opened.at(-1)?.searchParams.get("scope")?.split(" ").toSorted();
  expect(asked).toEqual((stepsUp ? `${baseScope} demo:write` : baseScope).split(" ").toSorted());
  const logins = stepsUp ? 2 : 1;
  expect(program.opened).toHaveLength(logins);
  const next = await program.ask('call sum {"a":2,"b":2}');
  const lost = { error: expect.stringMatching(/closed/) };
  expect(next).toMatchObject(survives ? { structured: { sum: 4 } } : lost);

  await using another = survives ? undefined : new LanguageProgram(command, person);
  await another?.answer();
  await endConnections(origin, person);
  const last = another ?? program;
  const before = last.opened.length;
  const revoked = await last.ask('call sum {"a":1,"b":1}');
  const isAskedAnew = last.opened.length === before + 1;
  // The stream of HTTP+SSE ends with the connection. A message may be quicker, and is answered 401.
  const ended = { error: expect.stringMatching(/401|closed/i) };
  const again = { isError: false, structured: { sum: 2 } };
  expect(revoked).toMatchObject(isAskedAnew ? again : ended);
  if (transport === "http") expect(isAskedAnew).toBe(true);
  for (const each of another === undefined ? [program] : [program, another]) {
    expect(await each.end(), each.complaints).toBe(0);
  }

  return {
    transcript: program.transcript.join("\n"),
    row: {
      client: sdk.name,
      endpoint: `\`${endpoint}\``,
      transport: transport === "sse" ? "HTTP+SSE" : "Streamable HTTP",
      registration: "DCR",
      token: `\`${connected.method}\``,
      opening: nameOpening(String(connected.version)),
      list: "yes",
      call: "yes",
      refresh: "yes",
      stepUp: more.error === undefined ? "asks for more" : "an error",
      revoked: transport === "sse" ? "the stream ends" : "logs in again",
      cannot: way.cannot,
    },
  };
}

function nameOpening(version: string): string {
  return `\`${version === "2026-07-28" ? "server/discover" : "initialize"}\` ${version}`;
}

/** Ends what the person let the program do: a login may still be there beside the one that replaces it. */
async function endConnections(origin: string, person: Person): Promise<void> {
  await person.visit(`${origin}/connections`);
  if (person.sees("sign-in")) await person.signIn();
  const [first] = person.page.root.querySelectorAll(".connections button[name=grant]");
  if (person.sees("end-all")) await person.submit("end-all");
  else await person.submit("end", { grant: first?.getAttribute("value") ?? "" });
  expect(person.page.text).toMatch(/apps? (?:is|are) disconnected\./);
}
