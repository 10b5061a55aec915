import type { BlockedGrant } from "../oauth/company/blocked.ts";
import { toShownText } from "./shown-text.ts";

interface BlockedAppsProps {
  readonly personId: string;
  readonly blocked: readonly BlockedGrant[];
}

/** The part of the connections page about apps that a company allows and the person has ended. */
export function BlockedApps({ personId, blocked }: BlockedAppsProps) {
  return (
    <section>
      <h2>Ended, though your company allows them</h2>
      <p class="small">
        They stay ended until you allow them again. It takes effect within about a minute.
      </p>
      <form method="post" action="/connections">
        <input type="hidden" name="step" value="allow-again" />
        <input type="hidden" name="person" value={personId} autocomplete="off" />
        <ul class="connections">
          {blocked.map(({ grantId, clientId }) => (
            <li>
              <h3>
                <bdi>{toShownText(clientId)}</bdi>
              </h3>
              <button
                type="submit"
                name="grant"
                value={grantId}
                class="quiet"
                aria-label={`Allow ${toShownText(clientId)} again`}
              >
                Allow again
              </button>
            </li>
          ))}
        </ul>
      </form>
    </section>
  );
}
