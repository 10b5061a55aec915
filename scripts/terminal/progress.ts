import { clearLine, cursorTo } from "node:readline";
import type { WriteStream } from "node:tty";

/** Shows the present step on a line that is overwritten; prints nothing if the stream is not a terminal. */
export interface Progress {
  show(what: string): void;
  clear(): void;
}

/** Shows progress on a terminal, below the lines that are done. */
export function createProgress(stream: WriteStream, isShown = stream.isTTY): Progress {
  const clear = () => {
    if (!isShown) return;
    clearLine(stream, 0);
    cursorTo(stream, 0);
  };
  return {
    show(what) {
      clear();
      if (isShown) stream.write(`  … ${what}`.slice(0, stream.columns - 1));
    },
    clear,
  };
}
