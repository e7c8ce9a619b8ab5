import {
  Server as HttpServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  ServerResponse,
} from "node:http";
import { type ListenOptions, Server } from "node:net";
import { Duplex } from "node:stream";
import { readConfig } from "../../config.ts";
import { isNudge } from "../../lib/deliveries/nudge.ts";
import { isLoopback } from "../../lib/shared/loopback.ts";
import { settings } from "../../settings.ts";

/**
 * Runs inside `netlify dev`, which listens on all addresses of the machine, with a second port for its functions server, and has no
 * option to change that. A proxy in front would leave both ports open, so both servers are modified: they listen only on loopback, and
 * reject pages of other sites.
 */
const receiverPort = Number(process.argv[process.argv.indexOf("--port") + 1]);

const listen = Server.prototype.listen;
Server.prototype.listen = function onLoopback(this: Server, ...given: unknown[]) {
  const [first, second] = given;
  if (typeof first === "number" && typeof second !== "string") given.splice(1, 0, "127.0.0.1");
  else if (isListenOptions(first) && first.host === undefined && first.path === undefined)
    given[0] = { ...first, host: "127.0.0.1" };
  return Reflect.apply(listen, this, given);
};

const emit = HttpServer.prototype.emit;
HttpServer.prototype.emit = function guarded(this: HttpServer, event: string | symbol, ...given: unknown[]) {
  const [request, answer] = given;
  const reason = isRequest(request) ? whyRefused(request) : null;
  if (reason === null) return Reflect.apply(emit, this, [event, ...given]);
  if (answer instanceof ServerResponse)
    answer.writeHead(403, { "content-type": "text/plain" }).end(`${reason}\n`);
  else if (answer instanceof Duplex) answer.destroy(); // A WebSocket's upgrade.
  return true;
};

const isListenOptions = (value: unknown): value is ListenOptions =>
  typeof value === "object" && value !== null && "port" in value;

const isRequest = (value: unknown): value is IncomingMessage =>
  typeof value === "object" && value !== null && "headers" in value && "url" in value;

function whyRefused({ headers, url = "/" }: IncomingMessage): string | null {
  const { host = "", origin } = headers;
  if (!isLocal(`http://${host}`)) return "The receiver is only available as localhost or 127.0.0.1.";
  // The main server calls the functions server with its own host name.
  const isOwn = origin === `http://${host}` || (isLocal(origin) && portOf(origin) === receiverPort);
  if (origin !== undefined && !isOwn) return "Pages of other origins cannot call the receiver.";
  const site = headers["sec-fetch-site"];
  const isLink = headers["sec-fetch-dest"] === "document";
  if ((site === "cross-site" || site === "same-site") && !isLink)
    return "Pages of other sites cannot embed or call the receiver.";
  // When deployed, scheduled functions have no URL. Here they have one, for the clock of `npm start` only.
  const isInternal = /netlify[/\\]+(functions|builders)\b/i.test(decoded(url));
  if (isInternal && (site !== undefined || !carriesNudge(headers)))
    return "Only the receiver itself can call this function.";
  return null;
}

function carriesNudge(headers: IncomingHttpHeaders): boolean {
  // The address of the database is not known yet, but the token does not depend on it.
  const reading = readConfig(settings, "", { ...process.env, NETLIFY_DB_URL: "embedded" });
  const token = new Headers({ "x-nudge": String(headers["x-nudge"] ?? "") });
  return reading.ok && isNudge(token, reading.config.secrets, Date.now());
}

const isLocal = (address = ""): boolean => URL.canParse(address) && isLoopback(new URL(address));

const portOf = (origin = ""): number => Number(new URL(origin).port);

function decoded(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url; // A literal percent sign.
  }
}
