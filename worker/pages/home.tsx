import type { WorkerSettings } from "../env.ts";
import type { Features } from "../kit/features.ts";
import { listClientSetups } from "./client-setups.ts";
import { DemoNote, Layout } from "./layout.tsx";

interface HomePageProps {
  readonly settings: WorkerSettings;
  readonly features: Features;
  /** Whether the demo takes one password only. */
  readonly hasOnePassword: boolean;
}

/** `/`: what this server is, what it can do and how to connect to it. */
export function HomePage({ settings, features, hasOnePassword }: HomePageProps) {
  const { origin, server } = settings;
  return (
    <Layout settings={settings} hasCopyButtons>
      <header>
        <p class="mark">
          <img src="/favicon.svg" alt="" width="28" height="28" /> Remote MCP server
        </p>
        <h1>{server.title}</h1>
        <p class="lead">
          Tools that an AI assistant may use on your behalf, after you have signed in and said yes.
        </p>
        <DemoNote settings={settings} hasOnePassword={hasOnePassword} />
      </header>
      <main>
        <section aria-labelledby="endpoints">
          <h2 id="endpoints">Endpoints</h2>
          <Snippet name="the Streamable HTTP address" text={`${origin}/mcp`}>
            Streamable HTTP, for every current client
          </Snippet>
          <Snippet name="the SSE address" text={`${origin}/sse`}>
            HTTP+SSE, for clients that ask for SSE
          </Snippet>
        </section>
        <section aria-labelledby="tools">
          <h2 id="tools">Tools</h2>
          <dl>
            {features.tools.map(({ name, title, description, scope }) => (
              <div>
                <dt>
                  <code>{name}</code> {title}
                </dt>
                <dd>{description}</dd>
                <dd class="small">
                  needs <code>{scope}</code>
                </dd>
              </div>
            ))}
          </dl>
        </section>
        <section aria-labelledby="connect">
          <h2 id="connect">Connect</h2>
          {listClientSetups(settings).map(({ client, where, snippet, hint }, index) => (
            <details open={index === 0}>
              <summary>{client}</summary>
              <Snippet name={`the setup for ${client}`} text={snippet}>
                {where}
              </Snippet>
              {hint && <p class="small">{hint}</p>}
            </details>
          ))}
        </section>
      </main>
      <footer class="small">
        <a href="/connections">Your connections</a> · {server.name} {server.version}
      </footer>
    </Layout>
  );
}

interface SnippetProps {
  /** What the copy button says to a screen reader. */
  readonly name: string;
  readonly text: string;
  readonly children?: string;
}

function Snippet({ name, text, children }: SnippetProps) {
  return (
    <figure>
      <figcaption>{children}</figcaption>
      <div class="snippet" data-copy={name}>
        <pre tabindex={0}>
          <code>{text}</code>
        </pre>
      </div>
    </figure>
  );
}
