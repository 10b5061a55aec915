import type { JSX } from "hono/jsx/jsx-runtime";
import type { WorkerSettings } from "../env.ts";
import type { Identity } from "../identity/identity.ts";
import type { ScopeCatalogue } from "../kit/define-scopes.ts";
import { describeScope } from "../mcp/scopes.ts";
import type { Outcome } from "../oauth/connections.ts";
import { type Connection, mostRead } from "../oauth/list-connections.ts";
import { ClientBadge } from "./client-badge.tsx";
import { Day } from "./day.tsx";
import { Layout } from "./layout.tsx";
import { isLoopbackHost } from "./return-address.tsx";
import { toShownPerson } from "./shown-text.ts";

/** Connections on one page: few enough that the page stays small. */
const pageSize = 8;

interface ConnectionsPageProps {
  readonly settings: WorkerSettings;
  readonly scopes: ScopeCatalogue;
  /** Who is signed in, and their opaque id: they can only end what is theirs. */
  readonly person: { readonly identity: Identity; readonly id: string };
  /** All of them, the newest first. */
  readonly connections: readonly Connection[];
  /** The part about apps that a company allows and the person has ended for good. */
  readonly blocked: JSX.Element | undefined;
  /** From 1. */
  readonly pageNumber: number;
  /** What the person has just ended. */
  readonly outcome: Outcome | undefined;
}

/** Shows a person every client that may act for them, and disconnects those they choose. */
export function ConnectionsPage(props: ConnectionsPageProps) {
  const { settings, person, connections, blocked, outcome } = props;
  const { title } = settings.server;
  const pageCount = Math.max(1, Math.ceil(connections.length / pageSize));
  const pageNumber = Math.min(Math.max(1, props.pageNumber), pageCount);
  const shown = connections.slice((pageNumber - 1) * pageSize, pageNumber * pageSize);
  return (
    <Layout settings={settings} title="Your connections" card="wide">
      <h1>Your connections</h1>
      <div class="person">
        <span>
          Signed in as <bdi>{toShownPerson(person.identity)}</bdi>
        </span>
        <form method="post" action="/connections">
          <input type="hidden" name="step" value="switch" />
          <button type="submit" class="link">
            Sign out
          </button>
        </form>
      </div>
      {outcome !== undefined && (
        <p class="done" role="status">
          {describeOutcome(outcome)}
        </p>
      )}
      {connections.length === 0 ? (
        <p>No app may use {title} for you. An app appears here after you have approved it.</p>
      ) : (
        <form method="post" action="/connections">
          <input type="hidden" name="step" value="end" />
          <input type="hidden" name="person" value={person.id} autocomplete="off" />
          <ul class="connections">
            {shown.map((connection) => (
              <ConnectionItem connection={connection} catalogue={props.scopes} />
            ))}
          </ul>
        </form>
      )}
      {connections.length >= mostRead && (
        <p>Only {mostRead} connections fit on these pages. Disconnect some to see the others.</p>
      )}
      {pageCount > 1 && <Pager pageNumber={pageNumber} pageCount={pageCount} />}
      {blocked}
      {settings.tokens.personal !== undefined && (
        <p>
          <a href="?new=token">New token</a>, for a program that has no browser
        </p>
      )}
      {connections.length > 1 && (
        <DisconnectAll
          personId={person.id}
          what={`${connections.length} ${connections.some(({ isToken }) => isToken) ? "apps and tokens" : "apps"}`}
        />
      )}
      <p class="foot">
        {describeEnd(settings)} <a href="/">About {title}</a>
      </p>
    </Layout>
  );
}

interface ConnectionItemProps {
  readonly connection: Connection;
  readonly catalogue: ScopeCatalogue;
}

function ConnectionItem({ connection, catalogue }: ConnectionItemProps) {
  const { grantId, isToken, clientName, origin, redirectHost, company, resource, scopes } =
    connection;
  const { since, lastUsed, until } = connection;
  const verb = isToken ? "End" : "Disconnect";
  return (
    <li>
      <h2>
        <bdi>{clientName}</bdi>
      </h2>
      <p>{isToken ? "A token that you made" : <ClientBadge origin={origin} />}</p>
      <ul class="words">
        {scopes.map((scope) => (
          <li>{describeScope(catalogue, scope)}</li>
        ))}
      </ul>
      <p class="small">
        {redirectHost !== undefined && (
          // Whoever reads this may be at another computer than the one with the app.
          <>
            Returns to{" "}
            {isLoopbackHost(redirectHost) ? `its own computer (${redirectHost})` : redirectHost}.{" "}
          </>
        )}
        {company !== undefined && (
          <>Your company allowed it ({company}); once you disconnect it, it stays disconnected. </>
        )}
        Uses {resource}. {isToken ? "Made" : "Connected"} on <Day day={since} />
        {lastUsed !== undefined && (
          <>
            , last used on <Day day={lastUsed} />
          </>
        )}
        {until !== undefined && (
          <>
            {lastUsed === undefined && ", not used yet"}, ends on <Day day={until} />
          </>
        )}
        .
      </p>
      <button
        type="submit"
        name="grant"
        value={grantId}
        class="quiet"
        aria-label={`${verb} ${clientName}, ${isToken ? "made on" : "connected since"} ${since}`}
      >
        {verb}
      </button>
    </li>
  );
}

interface PagerProps {
  readonly pageNumber: number;
  readonly pageCount: number;
}

function Pager({ pageNumber, pageCount }: PagerProps) {
  return (
    <nav class="pager" aria-label="Pages">
      {pageNumber > 1 && <a href={`?page=${pageNumber - 1}`}>Newer</a>}
      <span>
        Page {pageNumber} of {pageCount}
      </span>
      {pageNumber < pageCount && <a href={`?page=${pageNumber + 1}`}>Older</a>}
    </nav>
  );
}

interface DisconnectAllProps {
  readonly personId: string;
  /** "3 apps" */
  readonly what: string;
}

/** Asks once more, without a script. */
function DisconnectAll({ personId, what }: DisconnectAllProps) {
  return (
    <details>
      <summary>Disconnect all {what}</summary>
      <p>Every app has to ask you again before it can do anything for you.</p>
      <form method="post" action="/connections" class="buttons">
        <input type="hidden" name="step" value="end-all" />
        <input type="hidden" name="person" value={personId} autocomplete="off" />
        <button type="submit" class="danger">
          Disconnect all
        </button>
      </form>
    </details>
  );
}

function describeOutcome({ ended, failed, isToken, isAllowed }: Outcome): string {
  if (isAllowed) return "The app may connect again.";
  if (isToken && failed === 0) {
    return ended === 0 ? "That token was ended before." : "The token is ended.";
  }
  const words = ended === 1 ? "1 app is disconnected." : `${ended} apps are disconnected.`;
  if (failed > 0) return `${words} ${failed} could not be disconnected: try again in a minute.`;
  return ended === 0 ? "That app was disconnected before." : words;
}

/** How soon an end takes effect: Workers KV shows a change elsewhere within about a minute. */
function describeEnd({ tokens }: WorkerSettings): string {
  const listed = "It may stay in this list for about a minute.";
  return tokens.strictRevocation
    ? `An app that you disconnect stops everywhere at once. ${listed}`
    : `An app that you disconnect gets no new access from that moment, and may use what it has for about a minute more. ${listed}`;
}
