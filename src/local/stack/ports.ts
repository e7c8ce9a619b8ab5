import { createServer } from "node:net";
import type { Environment } from "../../cli/environment.ts";
import { UserError } from "../../cli/user-error.ts";

export interface Ports {
  /** The port of `netlify dev`: hooks, API, page. */
  receiver: number;
  /** The port of the emulators. */
  local: number;
}

export function readPorts(env: Environment): Ports {
  const ports = {
    receiver: port("PORT", env.PORT ?? "8888"),
    local: port("LOCAL_PORT", env.LOCAL_PORT ?? "8889"),
  };
  if (ports.receiver === ports.local) {
    throw new UserError(`PORT and LOCAL_PORT are both ${ports.local}, but must be different.`);
  }
  return ports;
}

function port(name: string, text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= 65_535) return value;
  throw new UserError(`${name} is "${text}": a port is a number from 1 to 65535.`);
}

/** LOCAL_ORIGINS: the user's own pages that may call the local services, separated by spaces. */
export function readOrigins(env: Environment): string[] {
  return (env.LOCAL_ORIGINS ?? "")
    .split(/\s+/)
    .filter(Boolean)
    .map((text) => {
      if (URL.canParse(text) && new URL(text).origin === text) return text;
      throw new UserError(
        `LOCAL_ORIGINS contains "${text}": expected an origin such as http://localhost:5173.`,
      );
    });
}

/** Checked before anything starts: `netlify dev` reports it only after seconds, and without the port. */
export async function requireFree(ports: Ports): Promise<void> {
  for (const [name, wanted] of [
    ["PORT", ports.receiver],
    ["LOCAL_PORT", ports.local],
  ] as const) {
    if (await isFree(wanted)) continue;
    throw new UserError(
      `Port ${wanted} is in use by another program. Stop that program, or choose another port: ${name}=${wanted + 10} npm start`,
    );
  }
}

/** On loopback and on all addresses: some systems allow the same port for both. */
async function isFree(wanted: number): Promise<boolean> {
  for (const host of ["127.0.0.1", "::"]) {
    const code = await bind(wanted, host);
    if (code !== null && code !== "EAFNOSUPPORT" && code !== "EADDRNOTAVAIL") return false;
  }
  return true;
}

/** null if the port could be bound and released. */
function bind(wanted: number, host: string): Promise<string | null> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "unknown"));
    server.listen(wanted, host, () => server.close(() => resolve(null)));
  });
}
