import type { WorkerSettings } from "../env.ts";
import type { Identity } from "../identity/identity.ts";
import { Layout } from "./layout.tsx";
import { toShownPerson } from "./shown-text.ts";

interface RefusedPageProps {
  readonly settings: WorkerSettings;
  readonly identity: Identity;
  readonly lacks: "access" | "scopes";
  /** Page of ours that lets the person choose another account. */
  readonly returnTo: string;
  /** The client's redirect URI with `access_denied`, if a client asked. */
  readonly backToClient: string | undefined;
}

/** Says to a signed-in person that this server does not let them in, or not for what an app asks. */
export function RefusedPage(props: RefusedPageProps) {
  const { settings, identity, lacks, returnTo, backToClient } = props;
  return (
    <Layout settings={settings} title="No access" card="narrow">
      <h1>You have no access</h1>
      <p>
        You are signed in as <strong>{toShownPerson(identity)}</strong>, and {settings.server.title}{" "}
        {lacks === "access"
          ? "does not let this account in. Whoever runs it can add you."
          : "does not let this account use what the app asks for. Whoever runs it can say which groups may."}
      </p>
      <form method="post" action={returnTo} class="buttons">
        <input type="hidden" name="step" value="switch" />
        <button type="submit">Use another account</button>
      </form>
      {backToClient !== undefined && (
        <p class="foot">
          <a href={backToClient}>Back to the app, without access</a>
        </p>
      )}
    </Layout>
  );
}
