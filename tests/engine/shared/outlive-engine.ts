import { access } from "node:fs/promises";

/** Milliseconds that a plugin of Pulumi's lives on without its engine; the real ones ask rarely. */
const longest = 75_000;

/** Milliseconds between two looks for the plugin's own home. */
const pause = 500;

/**
 * What a plugin does whose engine was killed: it notices late, and holds its memory and port for more
 * than a minute. Ends at once where its PULUMI_HOME is gone: then a test is over.
 * @param onEnd called right before.
 */
export function outliveEngine(home: string | undefined, onEnd = () => {}): void {
  const end = Date.now() + longest;
  const look = async () => {
    const isHome =
      home === undefined ||
      (await access(home).then(
        () => true,
        () => false,
      ));
    if (isHome && Date.now() < end) return;
    onEnd();
    process.exit();
  };
  setInterval(look, pause);
}
