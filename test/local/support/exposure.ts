import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import type { Browser, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { nudgeHeaders } from "../../../src/lib/deliveries/nudge.ts";
import { type Serving, serve } from "../../../src/local/server.ts";
import { hasBrowser } from "../../support/browser.ts";
import { type DevStack, query } from "../../support/dev-stack.ts";

const slow = { timeout: 150_000 };

export interface ExposedStack {
  folder: string;
  stack: DevStack;
  ports: { port: number; localPort: number };
  /** Null where none is installed. It finds `evil.example` on this machine. */
  chromium: Browser | null;
}

export const evilExample = "--host-resolver-rules=MAP evil.example 127.0.0.1";

/** Undefined if a process ended, or closed a file, while we looked. */
function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

/** What other machines and other sites' pages reach of a stack that `npm start` started in the folder. */
export function exposure(running: () => ExposedStack): void {
  /** By node:http, which sends any Host and Origin that it is told. */
  function ask(path: string, headers: Record<string, string> = {}, method = "GET"): Promise<number> {
    return new Promise((resolve, reject) => {
      request({ host: "127.0.0.1", port: running().ports.port, path, method, headers }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      })
        .on("error", reject)
        .end();
    });
  }

  /** Local addresses on which the processes of the folder listen, as the kernel writes them: `0100007F:22B8`. */
  function listening(): string[] {
    const inodes = new Set(
      readdirSync("/proc").flatMap((pid) => {
        if (!/^\d+$/.test(pid) || unlessGone(() => readlinkSync(`/proc/${pid}/cwd`)) !== running().folder)
          return [];
        return (unlessGone(() => readdirSync(`/proc/${pid}/fd`)) ?? []).flatMap(
          (fd) =>
            /^socket:\[(\d+)\]$/.exec(unlessGone(() => readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? "")?.[1] ??
            [],
        );
      }),
    );
    return ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) =>
      readFileSync(table, "utf8")
        .trim()
        .split("\n")
        .map((line) => line.trim().split(/\s+/))
        .filter(([, , , state, , , , , , inode = ""]) => state === "0A" && inodes.has(inode))
        .map(([, local = ""]) => local),
    );
  }

  function answers(host: string, port: number): Promise<boolean> {
    const socket = connect({ host, port });
    socket.setTimeout(10_000, () => socket.destroy());
    return new Promise((resolve) => {
      socket.once("connect", () => resolve(true)).once("close", () => resolve(false));
      socket.once("error", () => undefined).once("connect", () => socket.destroy());
    });
  }

  const lastSweep = async () =>
    (
      await query<{ at: Date }>(running().folder, "select at from heartbeats where name = 'sweep'")
    )[0]?.at.getTime();

  describe("other machines", () => {
    it("cannot reach the stack: every port is on loopback", async () => {
      expect(await answers("127.0.0.1", running().ports.port)).toBe(true);
      expect(await answers("127.0.0.1", running().ports.localPort)).toBe(true);
      const outside = Object.values(networkInterfaces()).flatMap((all) =>
        (all ?? []).filter(({ internal, family }) => !internal && family === "IPv4"),
      );
      for (const { address } of outside)
        for (const port of Object.values(running().ports))
          expect([address, await answers(address, port)]).toEqual([address, false]);
    });

    it.runIf(process.platform === "linux")("the functions server and the database neither", () => {
      const all = listening();
      expect(all.length).toBeGreaterThanOrEqual(4);
      const loopback = /^(\w{6}7F|0{24}01000000):/;
      expect(all.filter((address) => !loopback.test(address))).toEqual([]);
    });
  });

  describe("the receiver", () => {
    const paths = [
      "/",
      "/api/health",
      "/api/sign-in",
      "/webhooks",
      "/.netlify/functions/sweep",
      "/.netlify/functions/reconcile",
      "/.netlify/functions/deliver-background",
    ];

    it.each(paths)("%s rejects a foreign Host and a foreign Origin", slow, async (path) => {
      const foreign = "http://evil.example";
      for (const method of ["GET", "POST", "OPTIONS"]) {
        expect(await ask(path, { host: `evil.example:${running().ports.port}` }, method)).toBe(403);
        expect(await ask(path, { origin: foreign }, method)).toBe(403);
        expect(await ask(path, { origin: "null" }, method)).toBe(403);
        expect(await ask(path, { origin: running().stack.localUrl }, method)).toBe(403);
      }
    });

    it.each(["sweep", "reconcile", "deliver-background"])(
      "%s answers the receiver's own token, and nobody else",
      slow,
      async (name) => {
        const path = `/.netlify/functions/${name}`;
        const secrets = [
          {
            name: "CLOUDINARY_URL",
            value: running().stack.credentials.apiSecret,
            expiresAt: null,
            cloud: null,
          },
        ];
        const token = nudgeHeaders(secrets) ?? {};
        const spellings = [path, `/${path}`, `/.netlify/%66unctions/${name}`, `/.netlify/builders/${name}`];
        for (const spelled of spellings) {
          for (const method of ["GET", "POST"]) {
            expect(await ask(spelled, {}, method)).toBe(403);
            expect(await ask(spelled, { "x-nudge": "0".repeat(64) }, method)).toBe(403);
          }
          // Not even with it from a page.
          for (const site of ["same-origin", "cross-site", "none"]) {
            const page = { ...token, "sec-fetch-site": site, "sec-fetch-dest": "document" };
            expect(await ask(spelled, page)).toBe(403);
          }
        }
        expect(await ask(path, token, "POST")).toBe(name === "deliver-background" ? 202 : 200);
      },
    );
  });

  describe.skipIf(!hasBrowser)("in a browser", () => {
    async function newPage(): Promise<Page> {
      const page = await running().chromium?.newPage();
      if (page === undefined) throw new Error("no browser was started");
      return page;
    }

    it("a page of another site can neither run functions nor read data", slow, async () => {
      const site: Serving = await serve({
        port: 0,
        fetch: async () =>
          new Response("<!doctype html><title>evil</title>", { headers: { "content-type": "text/html" } }),
      });
      const page = await newPage();
      try {
        const before = await lastSweep();
        await page.goto(`http://evil.example:${site.port}/`);
        for (const name of ["sweep", "reconcile", "deliver-background"]) {
          const address = `${running().stack.url}/.netlify/functions/${name}`;
          for (const method of ["GET", "POST"])
            expect(
              await page.evaluate(
                `fetch("${address}", { method: "${method}", mode: "no-cors" }).then(() => "sent")`,
              ),
            ).toBe("sent");
          // By a name of its own that leads here, it is the same origin.
          const rebound = `http://evil.example:${running().ports.port}`;
          await page.goto(`${rebound}/.netlify/functions/${name}`);
          expect(await page.content()).toContain("only available as localhost or 127.0.0.1");
          expect(await page.evaluate(`fetch("/api/health").then(({ status }) => status)`)).toBe(403);
          await page.goto(`http://evil.example:${site.port}/`);
        }
        expect(await lastSweep()).toBe(before);
      } finally {
        await Promise.all([page.close(), site.close()]);
      }
    });

    it(
      "an operator signs in, and the Upload Widget page uploads and shows the notification",
      slow,
      async () => {
        const page = await newPage();
        try {
          page.setDefaultTimeout(30_000);
          await page.goto(`${running().stack.url}/#${running().stack.credentials.operatorToken}`);
          await page.getByRole("heading", { name: "Inbox" }).waitFor();
          await page.goto(`${running().stack.url}/api/upload-widget`);
          const widget = page.frameLocator("#widget");
          await widget.getByRole("button", { name: "Upload" }).click();
          await widget.getByLabel("File to upload").setInputFiles({
            name: "hose.svg",
            mimeType: "image/svg+xml",
            buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>'),
          });
          await page.getByRole("link", { name: /: received$/ }).waitFor();
        } finally {
          await page.close();
        }
      },
    );
  });
}
