import type { ConsentDescription } from "@cloudflare/workers-oauth-provider";
import type { WorkerSettings } from "../env.ts";
import type { Identity } from "../identity/identity.ts";
import { Layout } from "./layout.tsx";

/** A scope that the client asks for. */
interface RequestedScope {
  readonly name: string;
  readonly words: string;
  /** Titles of the tools it opens. */
  readonly tools: readonly string[];
}

interface ConsentPageProps {
  readonly settings: WorkerSettings;
  /** What the client says of itself, and what of it is verified. */
  readonly description: ConsentDescription;
  readonly scopes: readonly RequestedScope[];
  /** Stands for the client's request; works once and in this browser only. */
  readonly handle: string;
  /** Who is signed in, and their opaque id: the answer counts for nobody else. */
  readonly person: { readonly identity: Identity; readonly id: string } | undefined;
  /** Who signs the person in afterwards, where nobody is signed in. */
  readonly upstreamName: string | undefined;
}

/** Asks the signed-in person whether a client may act for them. */
export function ConsentPage(props: ConsentPageProps) {
  const { settings, description, scopes, handle, person, upstreamName } = props;
  const { clientName, redirectHost, redirectIsLoopback } = description;
  return (
    <Layout settings={settings} title="Allow access" isCard>
      <main class="card">
        <h1>
          Allow <span class="client">{clientName}</span>?
        </h1>
        <ClientOrigin description={description} />
        <p>
          You will be sent back to <strong class="client">{redirectHost}</strong>.
        </p>
        {redirectIsLoopback && (
          <p class="note">
            That is a program on your own computer. Go on only if you just started to connect from
            it.
          </p>
        )}
        <form method="post" class="buttons">
          <input type="hidden" name="step" value="consent" />
          <input type="hidden" name="handle" value={handle} />
          <input type="hidden" name="person" value={person?.id ?? ""} />
          <fieldset class="scopes">
            <legend>It will be able to:</legend>
            {scopes.map(({ name, words, tools }) => (
              <label>
                <input type="checkbox" name="scope" value={name} checked />
                {words} <code class="small">{name}</code>
                {tools.length > 0 && <span class="small">Tools: {tools.join(", ")}</span>}
              </label>
            ))}
          </fieldset>
          {person !== undefined && (
            <label>
              <input type="checkbox" name="remember" value="yes" />
              Do not ask again for this in this browser
            </label>
          )}
          {upstreamName !== undefined && <p>You sign in with {upstreamName} next.</p>}
          <button type="submit" name="decision" value="approve">
            Approve
          </button>
          <button type="submit" name="decision" value="deny" class="quiet">
            Deny
          </button>
        </form>
        {person !== undefined && <SignedIn identity={person.identity} />}
      </main>
    </Layout>
  );
}

function SignedIn({ identity }: { readonly identity: Identity }) {
  return (
    <form method="post" class="person">
      <input type="hidden" name="step" value="switch" />
      Signed in as {identity.email ?? identity.name ?? identity.subject}.{" "}
      <button type="submit" class="link">
        Use another account
      </button>
    </form>
  );
}

/** Who stands behind the client. Only a metadata document proves it: its domain is the client's. */
function ClientOrigin({ description }: { readonly description: ConsentDescription }) {
  const { clientDomain } = description;
  return clientDomain === undefined ? (
    <p>
      <span class="badge">Unverified</span> The app chose this name itself.
    </p>
  ) : (
    <p>
      Published by <strong class="client">{clientDomain}</strong>.
    </p>
  );
}
