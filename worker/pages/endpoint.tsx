import type { WorkerSettings } from "../env.ts";
import { Layout } from "./layout.tsx";
import { Snippet } from "./snippet.tsx";

interface EndpointPageProps {
  readonly settings: WorkerSettings;
  /** Path of the endpoint that the person opened. */
  readonly path: string;
}

/** For somebody who opens the address of an endpoint in a browser: what it is for, and where to go. */
export function EndpointPage({ settings, path }: EndpointPageProps) {
  const { origin, server } = settings;
  return (
    <Layout settings={settings} title="An address for apps" card="narrow" hasCopyButtons>
      <h1>This address is for apps</h1>
      <p>
        An AI assistant or another app connects to {server.title} here. In a browser there is
        nothing to see: give the address to your app.
      </p>
      <Snippet name="the address" text={`${origin}${path}`} />
      <ol>
        <li>Copy the address.</li>
        <li>In your app, add a connector or a remote MCP server with it.</li>
        <li>The app opens this server in your browser: sign in, and say what it may do.</li>
      </ol>
      <p class="buttons">
        <a class="button" href="/#connect">
          Steps for your app
        </a>
      </p>
    </Layout>
  );
}
