import { createServer } from "node:net";
import type { Environment } from "../../cli/environment.ts";
import { UserError } from "../../cli/user-error.ts";

export interface Ports {
  /** Of `netlify dev`: hooks, API, page. */
  receiver: number;
  /** Of the stand-ins. */
  local: number;
}

export function readPorts(env: Environment): Ports {
  const ports = {
    receiver: port("PORT", env.PORT ?? "8888"),
    local: port("LOCAL_PORT", env.LOCAL_PORT ?? "8889"),
  };
  if (ports.receiver === ports.local) {
    throw new UserError(`PORT and LOCAL_PORT are both ${ports.local}: two servers need two ports.`);
  }
  return ports;
}

function port(name: string, text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= 65_535) return value;
  throw new UserError(`${name} is "${text}": a port is a number from 1 to 65535.`);
}

/** LOCAL_ORIGINS: pages of the developer's own that may call the local services, separated by spaces. */
export function readOrigins(env: Environment): string[] {
  return (env.LOCAL_ORIGINS ?? "")
    .split(/\s+/)
    .filter(Boolean)
    .map((text) => {
      if (URL.canParse(text) && new URL(text).origin === text) return text;
      throw new UserError(`LOCAL_ORIGINS holds "${text}": an origin is like http://localhost:5173.`);
    });
}

/** Looked at before anything starts: `netlify dev` takes seconds to say it, and then not which. */
export async function requireFree(ports: Ports): Promise<void> {
  for (const [name, wanted] of [
    ["PORT", ports.receiver],
    ["LOCAL_PORT", ports.local],
  ] as const) {
    if (await isFree(wanted)) continue;
    throw new UserError(
      `Port ${wanted} is taken by another program. Stop that one, or choose another port: ${name}=${wanted + 10} npm start`,
    );
  }
}

/** On loopback and on every address: some systems give a port twice, once for each. */
async function isFree(wanted: number): Promise<boolean> {
  for (const host of ["127.0.0.1", "::"]) {
    const code = await bind(wanted, host);
    if (code !== null && code !== "EAFNOSUPPORT" && code !== "EADDRNOTAVAIL") return false;
  }
  return true;
}

/** null: could be bound, and was let go again. */
function bind(wanted: number, host: string): Promise<string | null> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "unknown"));
    server.listen(wanted, host, () => server.close(() => resolve(null)));
  });
}
