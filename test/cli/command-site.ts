import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import { localSendgrid } from "../../src/local/sendgrid/local-sendgrid.ts";
import { serve } from "../../src/local/server.ts";
import { runWebhooks } from "../support/command-line.ts";
import { realDatabase } from "../support/databases.ts";
import { configured } from "../support/environment.ts";
import { loopbackReceiver } from "../support/loopback-receiver.ts";
import { projectFolder } from "../support/project-folder.ts";
import type { Ran } from "../support/run.ts";
import { testSecret } from "../support/signed-request.ts";

export const token = "3f1e9d7c4b5a60828796a5b4c3d2e1f0";

/** Variables for a command, given as a second shell has them. */
export const given = (changed: Record<string, string> = {}): Record<string, string> => ({
  CLOUDINARY_URL: `cloudinary://123456789012345:${testSecret}@demo`,
  OPERATOR_TOKEN: token,
  ...changed,
});

/** A receiver with a database and a local SendGrid, and a folder to run commands in. */
export type CommandSite = Awaited<ReturnType<typeof commandSite>>;

export async function commandSite() {
  const project = await projectFolder();
  const mailData = await mkdtemp(join(tmpdir(), "cloudinary-webhooks-mail-"));
  const database = await realDatabase();
  const sendgrid = await localSendgrid({ dataDir: mailData });
  const mailServer = await serve({
    port: 0,
    fetch: async (request) => (await sendgrid.fetch(request)) ?? new Response(null, { status: 404 }),
  });
  configured(database.url, {
    SENDGRID_API_KEY: "SG.test.0123456789",
    SENDGRID_BASE_URL: mailServer.url,
    FROM_VERIFIED_SENDER: "receiver@example.com",
    TO_RECIPIENTS: "ada@example.com",
    OPERATOR_TOKEN: `ada:${token}`,
  });
  const receiver = await loopbackReceiver();
  return {
    folder: project.path,
    database,
    sendgrid,
    mailUrl: mailServer.url,
    url: receiver.url,
    idle: receiver.idle,
    /** Runs a command of the CLI against the receiver. */
    webhooks: (
      [name = "", ...args]: readonly string[],
      env = given(),
      input: string | Uint8Array = "",
    ): Promise<Ran> => runWebhooks(project.path, [name, "--url", receiver.url, ...args], env, input),
    async close() {
      await receiver.close();
      vi.unstubAllEnvs();
      await mailServer.close();
      await database.drop();
      await rm(mailData, { recursive: true });
      await project.remove();
    },
  };
}
