import type { WorkerSettings } from "../env.ts";
import type { ScopeCatalogue } from "../kit/define-scopes.ts";
import { describeScope } from "../mcp/scopes.ts";
import type { Connection } from "../oauth/list-connections.ts";
import { longestName, type MadeToken, usualDays } from "../oauth/personal-tokens/create.ts";
import { Day } from "./day.tsx";
import { Layout } from "./layout.tsx";
import { Snippet } from "./snippet.tsx";

interface PersonalTokensProps {
  readonly settings: WorkerSettings;
  readonly catalogue: ScopeCatalogue;
  readonly personId: string;
  /** The person's tokens, the newest first. */
  readonly tokens: readonly Connection[];
  /** Scopes that the person may give to one; undefined where the stack makes none any more. */
  readonly scopes: readonly string[] | undefined;
}

/** The part of the connections page about tokens: those there are, and a form for another. */
export function PersonalTokens(props: PersonalTokensProps) {
  const { personId, tokens, catalogue, scopes } = props;
  return (
    <section id="tokens">
      <h2>Personal tokens</h2>
      <p class="small">
        For a program that has no browser, such as a nightly job. Whoever has a token acts as you.
      </p>
      {tokens.length > 0 && (
        <form method="post" action="/connections">
          <input type="hidden" name="step" value="end" />
          <input type="hidden" name="person" value={personId} autocomplete="off" />
          <ul class="connections">
            {tokens.map((token) => (
              <TokenItem token={token} catalogue={catalogue} />
            ))}
          </ul>
        </form>
      )}
      {scopes !== undefined && <NewToken {...props} scopes={scopes} />}
    </section>
  );
}

function TokenItem({
  token: { grantId, clientName, resource, scopes, since, lastUsed, until },
  catalogue,
}: {
  readonly token: Connection;
  readonly catalogue: ScopeCatalogue;
}) {
  return (
    <li>
      <h3>
        <bdi>{clientName}</bdi>
      </h3>
      <ul class="words">
        {scopes.map((scope) => (
          <li>{describeScope(catalogue, scope)}</li>
        ))}
      </ul>
      <p class="small">
        Opens {resource}. Made on <Day day={since} />,{" "}
        {lastUsed === undefined ? (
          "not used yet"
        ) : (
          <>
            last used on <Day day={lastUsed} />
          </>
        )}
        {until !== undefined && (
          <>
            , ends on <Day day={until} />
          </>
        )}
        .
      </p>
      <button
        type="submit"
        name="grant"
        value={grantId}
        class="quiet"
        aria-label={`End the token ${clientName}`}
      >
        End
      </button>
    </li>
  );
}

interface NewTokenProps extends PersonalTokensProps {
  readonly scopes: readonly string[];
}

function NewToken({ settings, catalogue, personId, scopes }: NewTokenProps) {
  const { mostDays = usualDays } = settings.tokens.personal ?? {};
  return (
    <details>
      <summary>New token</summary>
      <form method="post" action="/connections">
        <input type="hidden" name="step" value="make-token" />
        <input type="hidden" name="person" value={personId} autocomplete="off" />
        <label for="token-name">Name</label>
        <input
          id="token-name"
          name="name"
          required
          maxlength={longestName}
          autocomplete="off"
          placeholder="Nightly report"
        />
        <label for="token-days">Days it lives, at most {mostDays}</label>
        <input
          id="token-days"
          name="days"
          type="number"
          required
          min="1"
          max={mostDays}
          value={Math.min(usualDays, mostDays)}
        />
        <label for="token-endpoint">Endpoint</label>
        <select id="token-endpoint" name="endpoint">
          <option value="mcp">{settings.origin}/mcp</option>
          <option value="sse">{settings.origin}/sse</option>
        </select>
        <fieldset class="scopes">
          <legend>It will be able to</legend>
          {scopes.map((scope) => (
            <div class="tick">
              <input type="checkbox" id={`token-${scope}`} name="scope" value={scope} />
              <label for={`token-${scope}`}>{describeScope(catalogue, scope)}</label>
            </div>
          ))}
        </fieldset>
        <button type="submit">Make the token</button>
      </form>
    </details>
  );
}

interface NewTokenPageProps {
  readonly settings: WorkerSettings;
  readonly made: MadeToken;
}

/** Shows a token, this once. */
export function NewTokenPage({ settings, made }: NewTokenPageProps) {
  const until = new Date(made.expiresAt * 1000).toISOString().slice(0, 10);
  return (
    <Layout settings={settings} title="Your new token" card="wide" hasCopyButtons>
      <h1>
        Your new token <bdi>{made.name}</bdi>
      </h1>
      <p class="note">
        <strong>Copy it now.</strong> This server keeps no copy and cannot show it again.
      </p>
      <Snippet name="the token" text={made.token} />
      <p>
        A program sends it with each request to {made.resource}, in the header{" "}
        <code>Authorization: Bearer</code>. It ends on <Day day={until} />. Keep it where the
        program keeps its other secrets, never in a file that Git sees.
      </p>
      <p class="buttons">
        <a class="button" href="/connections">
          I have copied it
        </a>
      </p>
    </Layout>
  );
}
