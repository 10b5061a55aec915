import { call, callBeside, connect, crowd, repeat, send } from "./calls.ts";
import { type Answer, ask, type Sent, type Target } from "./http.ts";
import { logIn, race, refresh } from "./logins.ts";
import { type ClientParts, initialize } from "./messages.ts";
import { callOverStream, holdStreams } from "./sse.ts";

/** Sends one request. */
function askOnce(job: { readonly target: Target; readonly sent: Sent }): Promise<Answer> {
  return ask(job.target, job.sent);
}

/** Opens a client. @returns it with its session, where the server keeps sessions. */
function open(job: {
  readonly target: Target;
  readonly client: ClientParts;
}): Promise<ClientParts> {
  return initialize(job.target, job.client);
}

/** What the process that makes load can do. */
export const jobs = {
  askOnce,
  call,
  callBeside,
  callOverStream,
  connect,
  crowd,
  holdStreams,
  logIn,
  open,
  race,
  refresh,
  repeat,
  send,
} as const;

/** Its jobs by name. */
export type Jobs = typeof jobs;
