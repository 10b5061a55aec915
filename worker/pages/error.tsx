import type { WorkerSettings } from "../env.ts";
import type { Problem } from "../oauth/problems.ts";
import { Layout } from "./layout.tsx";

interface ErrorPageProps {
  readonly settings: WorkerSettings;
  readonly problem: Problem;
  /** Page of ours that tries again. */
  readonly returnTo?: string | undefined;
}

/** A problem that cannot be told to the client, because the client or its redirect is not trusted. */
export function ErrorPage({ settings, problem, returnTo }: ErrorPageProps) {
  const { title, text, steps = [] } = problem;
  return (
    <Layout settings={settings} title={title} isCard>
      <main class="card">
        <h1>{title}</h1>
        <p>{text}</p>
        {steps.length > 0 && (
          <dl class="steps">
            {steps.map(({ app, step }) => (
              <div>
                <dt>{app}</dt>
                <dd>{step}</dd>
              </div>
            ))}
          </dl>
        )}
        {returnTo !== undefined && (
          <p class="buttons">
            <a class="button" href={returnTo}>
              Try again
            </a>
          </p>
        )}
        <p class="foot">
          <a href="/">About {settings.server.title}</a>
        </p>
      </main>
    </Layout>
  );
}
