import type { Child } from "hono/jsx";
import type { WorkerSettings } from "../env.ts";

/** What every page has in common. */
export interface LayoutProps {
  readonly settings: WorkerSettings;
  /** Title of the page; the server's title follows it. */
  readonly title?: string;
  /** A page with one form or message in its middle. */
  readonly isCard?: boolean;
  /** Loads the script of the copy buttons. */
  readonly hasCopyButtons?: boolean;
  readonly children?: Child;
}

/** The shell of every page. */
export function Layout({ settings, title, isCard, hasCopyButtons, children }: LayoutProps) {
  const { title: serverTitle } = settings.server;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title === undefined ? serverTitle : `${title} · ${serverTitle}`}</title>
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/style.css" />
        {hasCopyButtons && <script src="/copy.js" defer />}
      </head>
      <body class={isCard ? "card-page" : "home-page"}>{children}</body>
    </html>
  );
}

interface DemoNoteProps {
  readonly settings: WorkerSettings;
  /** Whether the demo takes one password only (the secret `demoPassword`). */
  readonly hasOnePassword: boolean;
}

/** Says on every page where people may sign in that the demo knows nobody. */
export function DemoNote({ settings, hasOnePassword }: DemoNoteProps) {
  if (settings.identity.method !== "demo") return null;
  return (
    <p class="note">
      <strong>Demo sign-in.</strong>{" "}
      {hasOnePassword
        ? "It does not check who you are: any email works, with the one password that everybody here shares."
        : "It checks nothing: any email and any password work. Do not type a real password."}
    </p>
  );
}
