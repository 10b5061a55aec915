/**
 * Preloaded into a program under test (`node --import`): it reaches this machine and nothing else.
 * What would leave fails, and says where it wanted to go.
 */
import { Socket } from "node:net";
import { isLoopback } from "../../infra/loopback.ts";

const connect = Socket.prototype.connect;

Socket.prototype.connect = function connectHere(this: Socket, ...args: unknown[]): Socket {
  const host = findHost(args);
  if (host === undefined || isLoopback(`tcp://${host.includes(":") ? `[${host}]` : host}`)) {
    return Reflect.apply(connect, this, args);
  }
  throw new Error(`This program may reach only this machine, and wanted ${host}.`);
};

/** `connect(options)`, `connect(port, host)`, or the list that `net.connect` makes of either. */
function findHost(args: readonly unknown[]): string | undefined {
  const [first, second] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
  if (typeof first === "object" && first !== null) {
    return (first as { readonly host?: string }).host;
  }
  return typeof second === "string" ? second : undefined;
}
