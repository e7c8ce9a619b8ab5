import { describe, expect, it } from "vitest";
import { ConnectionReset, PortInUse, type Serving, serve } from "../../src/local/server.ts";

async function served(
  fetch: (request: Request) => Promise<Response>,
  use: (server: Serving) => Promise<void>,
) {
  const server = await serve({ port: 0, fetch });
  try {
    await use(server);
  } finally {
    await server.close();
  }
}

describe("serve", () => {
  it("passes method, path, headers and body, and returns status, headers and body", async () => {
    const echo = async (request: Request) =>
      new Response(`${request.method} ${new URL(request.url).pathname} ${await request.text()}`, {
        status: 418,
        headers: [
          ["x-echo", request.headers.get("x-said") ?? ""],
          ["set-cookie", "a=1"],
          ["set-cookie", "b=2"],
        ],
      });
    await served(echo, async ({ url }) => {
      const response = await fetch(`${url}/some%2Fpath`, {
        method: "PUT",
        body: "grüße",
        headers: { "x-said": "hi" },
      });
      expect(response.status).toBe(418);
      expect(response.headers.get("x-echo")).toBe("hi");
      expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
      expect(await response.text()).toBe("PUT /some%2Fpath grüße");
    });
  });

  it("leaves it to clients to close idle connections: a request may be on its way", async () => {
    await served(
      async () => new Response("here"),
      async ({ url }) => {
        const response = await fetch(url);
        expect(await response.text()).toBe("here");
        expect(response.headers.get("keep-alive")).toBeNull(); // Otherwise the time after which the server closes them.
      },
    );
  });

  it("names the port that is in use", async () => {
    await served(
      async () => new Response(),
      async ({ port }) => {
        const second = serve({ port, fetch: async () => new Response() });
        await expect(second).rejects.toThrow(PortInUse);
        await expect(second).rejects.toMatchObject({
          port,
          message: expect.stringContaining(`Port ${port} is in use`),
        });
      },
    );
  });

  it("resets the connection for ConnectionReset, and answers 500 for any other error", async () => {
    const failing = async (request: Request): Promise<Response> => {
      throw request.url.endsWith("/reset") ? new ConnectionReset("on purpose") : new Error("secret detail");
    };
    await served(failing, async ({ url }) => {
      await expect(fetch(`${url}/reset`)).rejects.toThrow();
      const response = await fetch(`${url}/fail`);
      expect(response.status).toBe(500);
      expect(await response.text()).not.toContain("secret detail");
    });
  });

  it("ends hanging requests when it closes", async () => {
    let seen = (_signal: AbortSignal): void => undefined;
    const begun = new Promise<AbortSignal>((resolve) => {
      seen = resolve;
    });
    const hanging = (request: Request) => {
      seen(request.signal);
      return new Promise<Response>(() => undefined);
    };
    const server = await serve({ port: 0, fetch: hanging });
    const call = fetch(server.url).catch((error: unknown) => error);
    const signal = await begun;
    await server.close();
    expect(await call).toBeInstanceOf(Error);
    expect(signal.aborted).toBe(true);
  });
});
