import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** What goes wrong on the way to the database. */
export interface ProxyFaults {
  /** New connections are refused, and existing ones were cut. */
  isCut: boolean;
  /** Nothing passes, and nobody is told. */
  isSilent: boolean;
  /** Every message takes this long. */
  delayMs: number;
  /** The probability that a connection ends right before an answer of the database: what was asked for has happened. */
  answerLost: number;
}

export const noProxyFaults: ProxyFaults = { isCut: false, isSilent: false, delayMs: 0, answerLost: 0 };

export interface DatabaseProxy {
  port: number;
  set(faults: Partial<ProxyFaults>): void;
  close(): Promise<void>;
}

/** A network between the functions and the database that can fail. */
export async function proxyTo(
  port: number,
  chance: (probability: number) => boolean,
): Promise<DatabaseProxy> {
  let faults = noProxyFaults;
  const sockets = new Set<Socket>();
  const held: (() => void)[] = [];

  const passing = (from: Socket, to: Socket, isAnswer: boolean) => {
    from.on("data", (data) => {
      if (isAnswer && chance(faults.answerLost)) return void from.destroy();
      const write = () => to.writable && to.write(data);
      if (faults.isSilent) held.push(write);
      else if (faults.delayMs > 0) setTimeout(write, faults.delayMs);
      else if (held.length > 0) held.push(write);
      else if (!to.write(data)) {
        from.pause();
        to.once("drain", () => from.resume());
      }
    });
    from.on("error", () => from.destroy());
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
  };

  const server = createServer((client) => {
    if (faults.isCut) return void client.destroy();
    const upstream = connect(port, "127.0.0.1");
    client.setNoDelay(true);
    upstream.setNoDelay(true);
    sockets.add(client);
    sockets.add(upstream);
    passing(client, upstream, false);
    passing(upstream, client, true);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");

  return {
    port: address.port,
    set(changed) {
      faults = { ...faults, ...changed };
      if (faults.isCut) for (const socket of sockets) socket.destroy();
      if (!faults.isSilent) for (const write of held.splice(0)) write();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
