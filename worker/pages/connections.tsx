import type { WorkerSettings } from "../env.ts";
import type { Identity } from "../identity/identity.ts";
import type { ScopeCatalogue } from "../kit/define-scopes.ts";
import { describeScope } from "../mcp/scopes.ts";
import { type Connection, mostRead } from "../oauth/list-connections.ts";
import { ClientBadge } from "./client-badge.tsx";
import { Layout } from "./layout.tsx";
import { toShownPerson } from "./shown-text.ts";

/** Connections on one page: few enough that the page stays small. */
const pageSize = 8;

interface ConnectionsPageProps {
  readonly settings: WorkerSettings;
  readonly scopes: ScopeCatalogue;
  /** Who is signed in, and their opaque id: what they end is theirs only. */
  readonly person: { readonly identity: Identity; readonly id: string };
  /** All of them, the newest first. */
  readonly connections: readonly Connection[];
  /** From 1. */
  readonly pageNumber: number;
  /** What the person has just ended. */
  readonly outcome: { readonly ended: number; readonly failed: number } | undefined;
}

/** Shows a person every client that may act for them, and ends what they want to end. */
export function ConnectionsPage(props: ConnectionsPageProps) {
  const { settings, person, connections, outcome } = props;
  const { title } = settings.server;
  const pageCount = Math.max(1, Math.ceil(connections.length / pageSize));
  const pageNumber = Math.min(Math.max(1, props.pageNumber), pageCount);
  const shown = connections.slice((pageNumber - 1) * pageSize, pageNumber * pageSize);
  return (
    <Layout settings={settings} title="Your connections" isCard>
      <main class="card wide">
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
          <p>Only {mostRead} connections fit on these pages. End some to see the others.</p>
        )}
        {pageCount > 1 && <Pager pageNumber={pageNumber} pageCount={pageCount} />}
        {connections.length > 1 && <EndAll personId={person.id} count={connections.length} />}
        <p class="foot">
          {describeEnd(settings)} <a href="/">About {title}</a>
        </p>
      </main>
    </Layout>
  );
}

interface ConnectionItemProps {
  readonly connection: Connection;
  readonly catalogue: ScopeCatalogue;
}

function ConnectionItem({ connection, catalogue }: ConnectionItemProps) {
  const { grantId, clientName, origin, redirectHost, resource, scopes, since, lastUsed } =
    connection;
  return (
    <li>
      <h2>
        <bdi>{clientName}</bdi>
      </h2>
      <p>
        <ClientBadge origin={origin} />
      </p>
      <ul class="words">
        {scopes.map((scope) => (
          <li>{describeScope(catalogue, scope)}</li>
        ))}
      </ul>
      <p class="small">
        {redirectHost !== undefined && <>Returns to {redirectHost}. </>}
        Uses {resource}. Connected on <Day day={since} />
        {lastUsed !== undefined && (
          <>
            , last used on <Day day={lastUsed} />
          </>
        )}
        .
      </p>
      <button
        type="submit"
        name="grant"
        value={grantId}
        class="quiet"
        aria-label={`End the connection of ${clientName} since ${since}`}
      >
        End
      </button>
    </li>
  );
}

const dayFormat = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });

function Day({ day }: { readonly day: string }) {
  const date = new Date(day);
  const words = Number.isNaN(date.getTime()) ? day : dayFormat.format(date);
  return <time datetime={day}>{words}</time>;
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

interface EndAllProps {
  readonly personId: string;
  readonly count: number;
}

/** Asks once more, without a script. */
function EndAll({ personId, count }: EndAllProps) {
  return (
    <details>
      <summary>End all {count} connections</summary>
      <p>Every app has to ask you again before it can do anything for you.</p>
      <form method="post" action="/connections" class="buttons">
        <input type="hidden" name="step" value="end-all" />
        <input type="hidden" name="person" value={personId} autocomplete="off" />
        <button type="submit" class="danger">
          End all
        </button>
      </form>
    </details>
  );
}

function describeOutcome({ ended, failed }: { ended: number; failed: number }): string {
  const words = ended === 1 ? "1 connection has ended." : `${ended} connections have ended.`;
  if (failed > 0) return `${words} ${failed} could not be ended: try again in a minute.`;
  return ended === 0 ? "That connection had ended before." : words;
}

/** How soon an end is an end: Workers KV shows a change elsewhere within about a minute. */
function describeEnd({ tokens }: WorkerSettings): string {
  const listed = "It may stay in this list for about a minute.";
  return tokens.strictRevocation
    ? `A connection that you end stops everywhere at once. ${listed}`
    : `A connection that you end is not renewed from that moment, and may be used for about a minute more. ${listed}`;
}
