import type { ConsentDescription } from "@cloudflare/workers-oauth-provider";
import type { WorkerSettings } from "../env.ts";
import type { Identity } from "../identity/identity.ts";
import type { ClientOrigin } from "../oauth/clients/client-facts.ts";
import { ClientBadge } from "./client-badge.tsx";
import { Layout } from "./layout.tsx";
import { ReturnAddress } from "./return-address.tsx";
import { mixesAlphabets, toShownName, toShownPerson } from "./shown-text.ts";

/** A scope that the client asks for. */
interface RequestedScope {
  readonly name: string;
  readonly words: string;
  /** Titles of the tools it opens. */
  readonly tools: readonly string[];
}

interface ConsentPageProps {
  readonly settings: WorkerSettings;
  /** What the client says about itself, and what is verified of that. */
  readonly description: ConsentDescription;
  readonly origin: ClientOrigin;
  readonly scopes: readonly RequestedScope[];
  /** The endpoint that the client will be able to call (RFC 8707). */
  readonly resource: string;
  /** The client's request, as the page keeps it; works once, and only in this browser. */
  readonly handle: string;
  /** Who is signed in, and their opaque id: the answer counts for nobody else.  */
  readonly person: { readonly identity: Identity; readonly id: string } | undefined;
  /** Who signs the person in afterwards, if nobody is signed in. */
  readonly upstreamName: string | undefined;
  /** Whether the scopes that they get depend on who signs in afterwards. */
  readonly isPerhapsLess: boolean;
  /** Whether the person approved with nothing ticked, and so is asked once more. */
  readonly isNothingTicked: boolean;
}

/** Asks the signed-in person whether a client may act for them. */
export function ConsentPage(props: ConsentPageProps) {
  const { settings, description, origin, resource, handle, person, upstreamName } = props;
  const name = toShownName(description.clientName, description.clientId);
  return (
    <Layout settings={settings} title="Allow access" card="wide">
      <h1>
        Allow <bdi>{name}</bdi> to use {settings.server.title}?
      </h1>
      <dl class="facts">
        <div>
          <dt>App</dt>
          <dd>
            <ClientBadge origin={origin} />
            {origin.kind === "unverified" && <span class="small"> It chose its name itself.</span>}
          </dd>
        </div>
        <div>
          <dt>Returns to</dt>
          <dd>
            <ReturnAddress host={description.redirectHost} />
          </dd>
        </div>
        <div>
          <dt>To use</dt>
          <dd>{resource}</dd>
        </div>
        {person !== undefined && <SignedIn identity={person.identity} />}
      </dl>
      <Warnings {...description} isLookAlike={origin.kind !== "domain" && mixesAlphabets(name)} />
      <form method="post">
        <input type="hidden" name="step" value="consent" />
        {/* Off: Firefox would put an older page's value back when the page is loaded again. */}
        <input type="hidden" name="handle" value={handle} autocomplete="off" />
        <input type="hidden" name="person" value={person?.id ?? ""} autocomplete="off" />
        <Scopes {...props} />
        {person !== undefined && <Remember />}
        {upstreamName !== undefined && (
          <p>
            You sign in with {upstreamName} next.
            {props.isPerhapsLess && " The app gets those of these that your account may use."}
          </p>
        )}
        <div class="buttons">
          <button type="submit" name="decision" value="approve">
            Approve
          </button>
          <button type="submit" name="decision" value="deny" class="quiet">
            Deny
          </button>
        </div>
      </form>
      <p class="foot">
        <a href="/connections">Your connections</a>
      </p>
    </Layout>
  );
}

function SignedIn({ identity }: { readonly identity: Identity }) {
  return (
    <div>
      <dt>Signed in as</dt>
      <dd>
        <bdi>{toShownPerson(identity)}</bdi>
        <form method="post">
          <input type="hidden" name="step" value="switch" />
          <button type="submit" class="link">
            Use another account
          </button>
        </form>
      </dd>
    </div>
  );
}

interface WarningsProps {
  readonly redirectIsLoopback: boolean;
  readonly isLookAlike: boolean;
}

function Warnings({ redirectIsLoopback, isLookAlike }: WarningsProps) {
  return (
    <>
      {isLookAlike && (
        <p class="note">
          The app's name mixes letters of several alphabets, as imitations do. Read it with care.
        </p>
      )}
      {redirectIsLoopback && (
        <p class="note">
          This leads back to a program on <strong>your own computer</strong>, and any program there
          can use this name. Continue only if you started this from your own computer.
        </p>
      )}
    </>
  );
}

function Scopes({ scopes, isNothingTicked }: ConsentPageProps) {
  const problem = isNothingTicked && { "aria-describedby": "scopes-problem" };
  return (
    <fieldset class="scopes" {...problem}>
      <legend>It will be able to</legend>
      {isNothingTicked && (
        <p class="problem" id="scopes-problem" role="alert">
          Nothing was ticked. Tick what the app may do, or deny it.
        </p>
      )}
      {scopes.map((scope) => (
        <ScopeTick {...scope} isTicked={!isNothingTicked} />
      ))}
    </fieldset>
  );
}

/** One scope. Its tools are folded away, so that the buttons stay on the first screen. */
function ScopeTick({ name, words, tools, isTicked }: RequestedScope & { isTicked: boolean }) {
  const count = tools.length === 1 ? "1 tool" : `${tools.length || "No"} tools`;
  return (
    <div class="tick">
      <input
        type="checkbox"
        id={name}
        name="scope"
        value={name}
        checked={isTicked}
        aria-describedby={`${name}-tools`}
      />
      <div>
        <label for={name}>{words}</label>
        <details>
          <summary aria-label={`${count}: ${name}`}>{count}</summary>
          <p class="small" id={`${name}-tools`}>
            <code>{name}</code>
            {tools.length > 0 && <> opens {tools.join(", ")}</>}
          </p>
        </details>
      </div>
    </div>
  );
}

function Remember() {
  return (
    <div class="tick">
      <input
        type="checkbox"
        id="remember"
        name="remember"
        value="yes"
        aria-describedby="remember-extent"
      />
      <div>
        <label for="remember">Do not ask again in this browser</label>
        <p class="small" id="remember-extent">
          For 30 days, for this app and this account. It asks again when it wants more.
        </p>
      </div>
    </div>
  );
}
