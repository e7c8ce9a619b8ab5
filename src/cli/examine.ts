import { readFile } from "node:fs/promises";
import { checkoutContext } from "../doctor/checkout.ts";
import { unreachable } from "../doctor/checks/database.ts";
import { checks } from "../doctor/checks.ts";
import type { DoctorContext } from "../doctor/context.ts";
import type { Finding } from "../doctor/finding.ts";
import {
  diagnoseRefusal,
  findRefusal,
  noRefusal,
  type RefusedRequest,
} from "../doctor/request/diagnose-refusal.ts";
import { diagnoseRequest } from "../doctor/request/diagnose-request.ts";
import { readHeaders } from "../doctor/request/headers.ts";
import { cleaned, diagnose } from "../doctor/run.ts";
import { settings } from "../settings.ts";
import { examinedReceiver } from "./examined-receiver.ts";
import { UserError } from "./user-error.ts";

/** Files of a captured request. */
export interface Captured {
  headers: string;
  body: string;
  /** When it arrived. */
  receivedAt: string | undefined;
}

export interface Examined {
  folder: string;
  /** Of another receiver than the one that runs in the folder. */
  url: string | undefined;
  /** null: none is given. */
  request: Captured | null;
  /** Id of a rejected request; null: none is given. Without either, the receiver itself is checked. */
  refusal: string | null;
}

/** What is found about a receiver, or about a request to it. */
export async function examine({ folder, url, request, refusal }: Examined): Promise<Finding[]> {
  const receiver = examinedReceiver(folder, url);
  const { context, close } = await checkoutContext({ folder, settings, ...receiver }).catch(notACheckout);
  try {
    if (refusal !== null) return cleaned(await ofRefusal(context, refusal));
    return request === null ? await diagnose(context, checks) : cleaned(await ofRequest(context, request));
  } finally {
    await close();
  }
}

function notACheckout(error: unknown): never {
  if (!(error instanceof Error) || !("code" in error) || error.code !== "ENOENT") throw error;
  const { message } = error;
  throw new UserError(`Run this command in a checkout of the receiver. ${message}`, 1, { cause: error });
}

/** From the receiver's database. */
async function ofRefusal(context: DoctorContext, id: string): Promise<Finding[]> {
  if (context.config.databaseUrl === null)
    throw new UserError(
      "--refusal reads the receiver's database: set DATABASE_URL, in the shell or in .env.",
      2,
    );
  let found: RefusedRequest | null;
  try {
    const { db } = await context.database();
    found = await findRefusal(db, id);
  } catch (error) {
    return [unreachable(error)];
  }
  return found === null ? [noRefusal(id)] : diagnoseRefusal(found, context.settings);
}

async function ofRequest(context: DoctorContext, files: Captured): Promise<Finding[]> {
  const headers = readHeaders((await read(files.headers)).toString());
  if (headers === null)
    throw new UserError(`No header is in ${files.headers}: write one on each line, as Name: value.`, 2);
  return diagnoseRequest(
    {
      headers,
      body: await read(files.body),
      receivedAt: files.receivedAt === undefined ? null : Date.parse(files.receivedAt),
    },
    { ...context, now: context.now() },
  );
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new UserError(`Cannot read ${path}: ${cause instanceof Error ? cause.message : cause}`, 2, {
      cause,
    });
  }
}
