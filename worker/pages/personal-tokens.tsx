import type { WorkerSettings } from "../env.ts";
import type { ScopeCatalogue } from "../kit/define-scopes.ts";
import { describeScope } from "../mcp/scopes.ts";
import { longestName, type MadeToken, usualDays } from "../oauth/personal-tokens/create.ts";
import { Day } from "./day.tsx";
import { Layout } from "./layout.tsx";
import { Snippet } from "./snippet.tsx";

interface TokenFormPageProps {
  readonly settings: WorkerSettings;
  readonly catalogue: ScopeCatalogue;
  readonly personId: string;
  /** Scopes that the person may give to it. */
  readonly scopes: readonly string[];
}

/** Asks for a new token's purpose, and what it may do. */
export function TokenFormPage({ settings, catalogue, personId, scopes }: TokenFormPageProps) {
  const { mostDays = usualDays } = settings.tokens.personal ?? {};
  return (
    <Layout settings={settings} title="New token" card="wide">
      <h1>New token</h1>
      <p>
        For a program without a browser, such as a nightly job. Whoever has it acts as you, so give
        it little, and for as long as it is needed.
      </p>
      <form method="post" action="/connections">
        <input type="hidden" name="step" value="make-token" />
        <input type="hidden" name="person" value={personId} autocomplete="off" />
        <p class="field">
          <label for="token-name">What it is for</label>
          <input id="token-name" name="name" required maxlength={longestName} autocomplete="off" />
        </p>
        <p class="field">
          <label for="token-days">Days it lives, {mostDays} at most</label>
          <input
            id="token-days"
            name="days"
            type="number"
            required
            min="1"
            max={mostDays}
            value={Math.min(usualDays, mostDays)}
          />
        </p>
        <p class="field">
          <label for="token-endpoint">Address it opens</label>
          <select id="token-endpoint" name="endpoint">
            {["mcp", "sse"].map((endpoint) => (
              <option value={endpoint}>
                {settings.origin}/{endpoint}
              </option>
            ))}
          </select>
        </p>
        <fieldset class="scopes">
          <legend>It will be able to</legend>
          {scopes.map((scope) => (
            <div class="tick">
              <input type="checkbox" id={`token-${scope}`} name="scope" value={scope} />
              <label for={`token-${scope}`}>{describeScope(catalogue, scope)}</label>
            </div>
          ))}
        </fieldset>
        <p class="buttons">
          <button type="submit">Make the token</button>
        </p>
      </form>
      <p class="foot">
        <a href="/connections">Your connections</a>
      </p>
    </Layout>
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
