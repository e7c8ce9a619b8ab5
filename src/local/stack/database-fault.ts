import { Server as HttpServer } from "node:http";
import { Server, Socket } from "node:net";
import type { ChildMessage } from "./netlify-child.ts";

/**
 * Runs inside `netlify dev`, which serves the embedded database. When `npm start` says so, it closes the connections to it, as if the
 * database were down: `webhooks fault database away`.
 */
let fault: ChildMessage = { databasePort: 0, awayUntil: 0 };
const connections = new Set<Socket>();

const emit = Server.prototype.emit;
Server.prototype.emit = function withFault(this: Server, event: string | symbol, ...given: unknown[]) {
  const [socket] = given;
  if (event !== "connection" || !(socket instanceof Socket) || this instanceof HttpServer)
    return Reflect.apply(emit, this, [event, ...given]);
  if (isAffected(socket)) {
    socket.destroy();
    return true;
  }
  connections.add(socket);
  socket.once("close", () => connections.delete(socket));
  return Reflect.apply(emit, this, [event, ...given]);
};

process.on("message", (message: ChildMessage) => {
  fault = message;
  for (const socket of connections) if (isAffected(socket)) socket.destroy();
});

function isAffected({ localPort }: Socket): boolean {
  return Date.now() < fault.awayUntil && localPort === fault.databasePort;
}
