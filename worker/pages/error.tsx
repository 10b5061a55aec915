import type { WorkerSettings } from "../env.ts";
import type { Problem } from "../oauth/problems.ts";
import { Layout } from "./layout.tsx";

interface ErrorPageProps {
  readonly settings: WorkerSettings;
  readonly problem: Problem;
  /** Page of ours that tries again. */
  readonly returnTo?: string | undefined;
  /** Origin of this server, when the page is at another address. Default: the page's own. */
  readonly assetOrigin?: string;
}

/** A problem that only the person in front of it can be told. */
export function ErrorPage({ settings, problem, returnTo, assetOrigin }: ErrorPageProps) {
  const { title, text, steps = [] } = problem;
  return (
    <Layout settings={settings} title={title} card="narrow" assetOrigin={assetOrigin}>
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
        <a href={`${assetOrigin ?? ""}/`}>About {settings.server.title}</a>
      </p>
    </Layout>
  );
}
