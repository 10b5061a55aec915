import { getRequestListener } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { type Listener, listenOnLocalhost } from "../../scripts/runtime/listen.ts";

/** A comment as the double keeps it. */
export interface KeptComment {
  readonly id: number;
  body: string;
  readonly login: string;
  readonly pullRequest: number;
}

/** What happens to a call in place of an answer. */
export interface GitHubFault {
  readonly method: string;
  readonly path: RegExp;
  /** How many calls it meets. Default: 1. */
  count?: number;
  /** 0: the connection breaks. */
  readonly status: number;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the call is carried out, and only its answer lost. */
  readonly after?: boolean;
}

/** Logins by their tokens. A workflow's own token may not ask whose it is. */
const tokens: Readonly<Record<string, string>> = {
  "token-of-the-workflow": "github-actions[bot]",
  "token-of-another-app": "another-app[bot]",
  "token-of-ada": "ada",
};

/** GitHub's API on loopback, as far as a pull request's comment and the list of them need it. */
export class GitHubDouble implements AsyncDisposable {
  readonly comments: KeptComment[] = [];
  readonly pullRequests = new Map<number, "open" | "closed">();
  readonly faults: GitHubFault[] = [];
  /** Every call, as `GET /user`. */
  readonly calls: string[] = [];
  /** Called before each call is answered: something changes at GitHub while a run is at work. */
  onCall: (call: string) => void = () => {};
  /** Resolves once so many lists of comments are asked for; until then none is answered. */
  #gate: { left: number; readonly opened: PromiseWithResolvers<void> } | undefined;
  #listener: Listener | undefined;
  #lastId = 100;

  static async start(): Promise<GitHubDouble> {
    const double = new GitHubDouble();
    const app = double.#createApp();
    const listener = getRequestListener((request, env) => app.fetch(request, env), {
      overrideGlobalObjects: false,
    });
    double.#listener = await listenOnLocalhost(
      0,
      (incoming, outgoing) => {
        // A broken connection has no answer that Hono could give.
        const path = incoming.url ?? "";
        const fault = double.#take(incoming.method ?? "", path, ({ status }) => status === 0);
        if (fault === undefined || fault.after === true) void listener(incoming, outgoing);
        if (fault !== undefined) outgoing.destroy();
      },
      () => "",
    );
    return double;
  }

  /** What a workflow's step finds in its environment. */
  get environment(): Readonly<Record<string, string>> {
    return {
      GITHUB_API_URL: `http://127.0.0.1:${this.#listener?.port}`,
      GITHUB_REPOSITORY: "ada/example",
      GITHUB_TOKEN: "token-of-the-workflow",
    };
  }

  /** Opens pull requests. */
  open(...numbers: readonly number[]): void {
    for (const number of numbers) this.pullRequests.set(number, "open");
  }

  /** Adds a comment, as somebody. */
  add(pullRequest: number, login: string, body: string): KeptComment {
    this.#lastId += 1;
    const comment = { id: this.#lastId, body, login, pullRequest };
    this.comments.push(comment);
    return comment;
  }

  /** Answers no list of comments before so many have been asked for. */
  holdLists(count: number): void {
    this.#gate = { left: count, opened: Promise.withResolvers() };
  }

  #createApp(): Hono {
    const app = new Hono();
    app.use(async (context, next) => {
      const { method } = context.req;
      const path = context.req.url.replace(/^https?:\/\/[^/]+/, "");
      this.calls.push(`${method} ${path}`);
      this.onCall(`${method} ${path}`);
      const login = readLogin(context);
      if (login === undefined) return context.json({ message: "Bad credentials" }, 401);
      const fault = this.#take(method, path, ({ status }) => status !== 0);
      if (fault === undefined) return next();
      if (fault.after === true) await next();
      const { message = "Failure", headers = {} } = fault;
      context.res = Response.json({ message }, { status: fault.status, headers: { ...headers } });
    });
    app.get("/user", (context) =>
      readLogin(context)?.endsWith("[bot]")
        ? context.json({ message: "Resource not accessible by integration" }, 403)
        : context.json({ login: readLogin(context) }),
    );
    app.get("/repos/ada/example/pulls", (context) => {
      const all = [...this.pullRequests]
        .filter(([, state]) => state === "open")
        .map(([number, state]) => ({ number, state }));
      return context.json(takePage(context, all));
    });
    app.get("/repos/ada/example/pulls/:number{[0-9]+}", (context) => {
      const number = Number(context.req.param("number"));
      const state = this.pullRequests.get(number);
      return state === undefined ? notFound(context) : context.json({ number, state });
    });
    app.get("/repos/ada/example/issues/:number{[0-9]+}/comments", async (context) => {
      const number = Number(context.req.param("number"));
      if (!this.pullRequests.has(number)) return notFound(context);
      const found = this.comments.filter(({ pullRequest }) => pullRequest === number);
      const page = takePage(context, found).map(toJson);
      await this.#wait();
      return context.json(page);
    });
    app.post("/repos/ada/example/issues/:number{[0-9]+}/comments", async (context) => {
      const number = Number(context.req.param("number"));
      if (!this.pullRequests.has(number)) return notFound(context);
      const { body } = await context.req.json<{ body: string }>();
      if (body.length > 65_536) {
        const errors = [
          { field: "body", message: "body is too long (maximum is 65536 characters)" },
        ];
        return context.json({ message: "Validation Failed", errors }, 422);
      }
      return context.json(toJson(this.add(number, readLogin(context) ?? "", body)), 201);
    });
    app.patch("/repos/ada/example/issues/comments/:id", async (context) => {
      const comment = this.#find(context);
      if (comment === undefined) return notFound(context);
      comment.body = (await context.req.json<{ body: string }>()).body;
      return context.json(toJson(comment));
    });
    app.delete("/repos/ada/example/issues/comments/:id", (context) => {
      const comment = this.#find(context);
      if (comment === undefined) return notFound(context);
      this.comments.splice(this.comments.indexOf(comment), 1);
      return context.body(null, 204);
    });
    app.notFound(notFound);
    return app;
  }

  #find(context: Context): KeptComment | undefined {
    return this.comments.find(({ id }) => String(id) === context.req.param("id"));
  }

  async #wait(): Promise<void> {
    if (this.#gate === undefined) return;
    const { opened } = this.#gate;
    this.#gate.left -= 1;
    if (this.#gate.left > 0) return opened.promise;
    this.#gate = undefined;
    opened.resolve();
  }

  #take(method: string, path: string, fits: (fault: GitHubFault) => boolean) {
    const fault = this.faults.find(
      (one) => one.method === method && one.path.test(path) && fits(one),
    );
    if (fault === undefined) return undefined;
    fault.count = (fault.count ?? 1) - 1;
    if (fault.count === 0) this.faults.splice(this.faults.indexOf(fault), 1);
    return fault;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener?.[Symbol.asyncDispose]();
  }
}

function readLogin(context: Context): string | undefined {
  return tokens[(context.req.header("authorization") ?? "").replace(/^Bearer /, "")];
}

function takePage<Entry>(context: Context, all: readonly Entry[]): Entry[] {
  const size = Number(context.req.query("per_page") ?? 30);
  const page = Number(context.req.query("page") ?? 1);
  return all.slice((page - 1) * size, page * size);
}

function toJson({ id, body, login, pullRequest }: KeptComment) {
  return {
    id,
    body,
    html_url: `https://github.com/ada/example/pull/${pullRequest}#issuecomment-${id}`,
    user: { login, type: login.endsWith("[bot]") ? "Bot" : "User" },
  };
}

function notFound(context: Context): Response {
  return context.json({ message: "Not Found" }, 404);
}
