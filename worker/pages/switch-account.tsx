import type { WorkerSettings } from "../env.ts";
import { Layout } from "./layout.tsx";

interface SwitchAccountPageProps {
  readonly settings: WorkerSettings;
  /** Path of this origin that signs the person out. */
  readonly signOutPath: string;
  /** Page of ours that the person came from, with the client's request in it. */
  readonly returnTo: string;
}

/**
 * For people whom a service in front of this server signed in. Its sign-out leads nowhere afterwards,
 * so it opens beside this page, which keeps what the person was doing.
 */
export function SwitchAccountPage({ settings, signOutPath, returnTo }: SwitchAccountPageProps) {
  return (
    <Layout settings={settings} title="Use another account" card="narrow">
      <h1>Use another account</h1>
      <p>
        First sign out: that opens another tab, which you can close when it says that you are signed
        out. Then continue here and sign in with the other account.
      </p>
      <p class="buttons">
        <a class="button" href={signOutPath} target="_blank" rel="noopener noreferrer">
          Sign out
        </a>
        <a class="button quiet" href={returnTo}>
          Continue
        </a>
      </p>
    </Layout>
  );
}
