import type { WorkerSettings } from "../env.ts";
import { Layout } from "./layout.tsx";

interface ErrorPageProps {
  readonly settings: WorkerSettings;
  /** What is wrong, and what to do next. */
  readonly problem: { readonly title: string; readonly text: string };
  /** Page of ours that tries again. */
  readonly returnTo?: string;
}

/** A problem that cannot be told to the client, because the client or its redirect is not trusted. */
export function ErrorPage({ settings, problem, returnTo }: ErrorPageProps) {
  return (
    <Layout settings={settings} title={problem.title} isCard>
      <main class="card">
        <h1>{problem.title}</h1>
        <p>{problem.text}</p>
        {returnTo !== undefined && (
          <p>
            <a href={returnTo}>Try again</a>
          </p>
        )}
        <p>
          <a href="/">About this server</a>
        </p>
      </main>
    </Layout>
  );
}
