import type { Child } from "hono/jsx";
import type { WorkerSettings } from "../env.ts";

export interface LayoutProps {
  readonly settings: WorkerSettings;
  /** Title of the page; the server's title follows it. */
  readonly title?: string;
  /** A card is a page with one form or message in its middle; a wide one has a list. Default: a whole page. */
  readonly card?: "narrow" | "wide";
  /** Loads the script of the copy buttons. */
  readonly hasCopyButtons?: boolean;
  /** Origin of style and icon, if the page is not at its own address. Default: the page's own. */
  readonly assetOrigin?: string | undefined;
  readonly children?: Child;
}

/** The shell of every page. A card's content becomes its `main`. */
export function Layout(props: LayoutProps) {
  const { settings, title, card, hasCopyButtons, assetOrigin = "", children } = props;
  const { title: serverTitle } = settings.server;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title === undefined ? serverTitle : `${title} · ${serverTitle}`}</title>
        <link rel="icon" href={`${assetOrigin}/favicon.svg`} type="image/svg+xml" />
        <link rel="stylesheet" href={`${assetOrigin}/style.css`} />
        {hasCopyButtons && <script src="/copy.js" defer />}
      </head>
      {card === undefined ? (
        <body class="home-page">{children}</body>
      ) : (
        <body class="card-page">
          <div class={`card ${card}`}>
            {/* No link: on most cards, leaving means starting over in the app. */}
            <header class="brand">
              <img src={`${assetOrigin}/favicon.svg`} alt="" width="24" height="24" /> {serverTitle}
            </header>
            <main>{children}</main>
          </div>
        </body>
      )}
    </html>
  );
}

interface DemoNoteProps {
  readonly settings: WorkerSettings;
  /** Whether the demo takes one password only (the secret `demoPassword`). */
  readonly hasOnePassword: boolean;
}

/** Says, on every page with a sign-in, that the demo verifies nobody. */
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
