import type { Finding } from "../../src/doctor/finding.ts";
import { runWebhooks } from "../support/command-line.ts";
import { run } from "../support/run.ts";
import { testSecret } from "../support/signed-request.ts";

export interface Diagnosis {
  code: number | null;
  /** All that the command has printed. */
  output: string;
  findings: Finding[];
  /** Ids of what has failed, and of warnings. */
  failed: string[];
  warned: string[];
}

/** Variables of a receiver in which nothing is wrong. */
export const complete = (databaseUrl: string): Record<string, string> => ({
  DATABASE_URL: databaseUrl,
  CLOUDINARY_URL: "cloudinary://123456789012345:an-Api-Secret_of_27-charactr@demo",
  CLOUDINARY_WEBHOOK_SECRETS: `webhooks:${testSecret}`,
  SENDGRID_API_KEY: "SG.aRealLookingKey.0123456789",
  FROM_VERIFIED_SENDER: "receiver@example.com",
  TO_RECIPIENTS: "ada@example.com",
  OPERATOR_TOKEN: "ada:3f1e9d7c4b5a60828796a5b4c3d2e1f0",
});

/** Runs `webhooks doctor --json` in a folder. */
export async function doctor(
  folder: string,
  env: Record<string, string>,
  ...args: string[]
): Promise<Diagnosis> {
  const command = ["doctor", "--json", ...args];
  // Node reads its options only at its start.
  const { code, stdout, stderr } =
    env.NODE_OPTIONS === undefined
      ? await runWebhooks(folder, command, env)
      : await run(folder, ["src/cli/main.ts", ...command], env);
  const { findings }: { findings: Finding[] } = JSON.parse(stdout || `{"findings":[]}`);
  const ids = (level: Finding["level"]) =>
    findings.filter((finding) => finding.level === level).map(({ id }) => id);
  return { code, output: stdout + stderr, findings, failed: ids("failed"), warned: ids("warning") };
}
