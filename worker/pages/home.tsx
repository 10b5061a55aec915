import type { WorkerSettings } from "../env.ts";
import type { Features } from "../kit/features.ts";
import { listClientSetups } from "./client-setups.ts";
import { DemoNote, Layout } from "./layout.tsx";
import { Snippet } from "./snippet.tsx";

interface HomePageProps {
  readonly settings: WorkerSettings;
  readonly features: Features;
  /** Whether the demo takes one password only. */
  readonly hasOnePassword: boolean;
}

/** `/`: how to connect to this server, and what it can do. */
export function HomePage({ settings, features, hasOnePassword }: HomePageProps) {
  const { origin, server } = settings;
  const { tools } = features;
  return (
    <Layout settings={settings} hasCopyButtons>
      <header>
        <nav aria-label="On this page">
          <a href="#connect">Connect</a>
          {tools.length > 0 && <a href="#tools">Tools</a>}
          <a href="/connections">Your connections</a>
        </nav>
        <h1>
          <img src="/favicon.svg" alt="" width="44" height="44" /> {server.title}
        </h1>
        <p class="lead">
          Tools that an AI assistant may use on your behalf, after you have signed in and said yes.
        </p>
        <DemoNote settings={settings} hasOnePassword={hasOnePassword} />
      </header>
      <main>
        <section aria-labelledby="connect">
          <Heading id="connect" words="Connect" />
          <Snippet name="the address" text={`${origin}/mcp`}>
            The address, for every current app
          </Snippet>
          <div class="list">
            {listClientSetups(settings).map(({ id, client, where, snippet, hint }, index) => (
              <details name="app" open={index === 0}>
                <summary>{client}</summary>
                <Snippet id={id} name={`the setup for ${client}`} text={snippet}>
                  {where}
                </Snippet>
                {hint && <p class="small">{hint}</p>}
              </details>
            ))}
            <details name="app">
              <summary>An app that asks for SSE</summary>
              <Snippet id="sse" name="the SSE address" text={`${origin}/sse`}>
                The same server, by the older transport HTTP+SSE
              </Snippet>
            </details>
          </div>
        </section>
        {tools.length > 0 && <ToolList tools={tools} />}
      </main>
      <footer class="small">
        {server.name} {server.version}
      </footer>
    </Layout>
  );
}

/** Names at first: the descriptions are long, and written for models. */
function ToolList({ tools }: Pick<Features, "tools">) {
  return (
    <section aria-labelledby="tools">
      <Heading id="tools" words="Tools" />
      <div class="list tools">
        {tools.map(({ name, title, description, scope }) => (
          <details>
            <summary>
              {title} <code>{name}</code>
            </summary>
            <p id={`tool-${name}`}>{description}</p>
            <p class="small">
              Needs <code>{scope}</code>
            </p>
          </details>
        ))}
      </div>
    </section>
  );
}

/** A heading that is its own link, for people who pass it on. */
function Heading({ id, words }: { readonly id: string; readonly words: string }) {
  return (
    <h2 id={id}>
      <a href={`#${id}`}>{words}</a>
    </h2>
  );
}
