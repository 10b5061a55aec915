import { LoopbackApi, type Received, refuse, type Said } from "./loopback-api.ts";
import type { Exchange } from "./traffic.ts";

/**
 * The API of a recording: it answers what was recorded, and holds each request against what the real
 * provider sent. Calls of one step may come in another order, as parallel calls do.
 */
export class RecordedApi implements AsyncDisposable {
  /** How many requests were as recorded. */
  replayed = 0;
  /** Method and path of the requests of this step, as they came. */
  order: string[] = [];
  readonly #exchanges: readonly Exchange[];
  #expected: Exchange[] = [];
  #differences: string[] = [];
  #api: LoopbackApi | undefined;

  private constructor(exchanges: readonly Exchange[]) {
    this.#exchanges = exchanges;
  }

  static async start(exchanges: readonly Exchange[]): Promise<RecordedApi> {
    const recorded = new RecordedApi(exchanges);
    recorded.#api = await LoopbackApi.start((request) => recorded.#answer(request));
    return recorded;
  }

  get baseUrl(): string {
    return this.#api?.baseUrl ?? "";
  }

  /** Names of the steps, in their order. */
  get steps(): string[] {
    return [...new Set(this.#exchanges.map(({ step = "" }) => step))];
  }

  /**
   * Runs a step and gives back what was not as recorded: requests that differ, that are too many, or
   * that did not come.
   */
  async replay(step: string, run: () => Promise<void>): Promise<string[]> {
    this.#expected = this.#exchanges.filter((exchange) => exchange.step === step);
    if (this.#expected.length === 0) throw new Error(`No step "${step}" was recorded.`);
    this.#differences = [];
    this.order = [];
    await run();
    const missing = this.#expected.map(({ method, path }) => `${step}: no ${method} ${path}`);
    return [...this.#differences.map((difference) => `${step}: ${difference}`), ...missing];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#api?.[Symbol.asyncDispose]();
  }

  #answer(request: Received): Said {
    const call = `${request.method} ${request.path}`;
    this.order.push(call);
    const index = this.#expected.findIndex(({ method, path }) => `${method} ${path}` === call);
    const [exchange] = index < 0 ? [] : this.#expected.splice(index, 1);
    if (exchange === undefined) {
      this.#differences.push(`${call} was not recorded here`);
      return refuse(400, 0, "not recorded", { "x-should-retry": "false" });
    }
    const [sent, recorded] = [toText(request), toText(exchange)];
    if (sent === recorded) this.replayed += 1;
    else this.#differences.push(`${call}\nsent:\n${sent}\nrecorded:\n${recorded}`);
    const { status, responseType, response } = exchange;
    return { status, headers: { "content-type": responseType }, body: response };
  }
}

/**
 * What is compared: the body byte by byte, and the two headers that were recorded; nothing is known
 * of the others. One thing cannot be equal: the boundary of a form, which is made up for each.
 */
function toText({ headers, body }: Pick<Received, "headers" | "body">): string {
  const type = headers["content-type"] ?? "";
  const [, boundary = ""] = /boundary=(\S+)/.exec(type) ?? [];
  const text = `accept: ${headers.accept}\ncontent-type: ${type}\n\n${body}`;
  return boundary === "" ? text : text.replaceAll(boundary, "<boundary>");
}
