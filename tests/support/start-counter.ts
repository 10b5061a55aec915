import { subscribe, unsubscribe } from "node:diagnostics_channel";

/** How many processes this one starts until it is disposed of. */
export class StartCounter implements Disposable {
  count = 0;
  readonly #note = () => {
    this.count += 1;
  };

  constructor() {
    subscribe("child_process", this.#note);
  }

  [Symbol.dispose](): void {
    unsubscribe("child_process", this.#note);
  }
}
