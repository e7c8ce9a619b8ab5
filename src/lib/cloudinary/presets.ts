import * as z from "zod";
import type { CloudinaryAccount } from "../../config.types.ts";
import { type CallLimits, callRest, nullIfMissing, segment } from "./rest.ts";

/** The preset of the console's Upload Widget page. */
export const widgetPreset = "track-with-webhook";

const preset = z.looseObject({
  name: z.string(),
  /** Whether anyone who knows its name can upload with it. */
  unsigned: z.boolean().nullish(),
  /** The parameters of uploads that use it. */
  settings: z.record(z.string(), z.unknown()),
});
export type UploadPreset = z.output<typeof preset>;

/** The parameters to set; others are not changed. */
export type PresetSettings = Readonly<Record<string, string | boolean>>;

const path = ({ cloudName }: CloudinaryAccount, name?: string): string =>
  `/v1_1/${segment(cloudName)}/upload_presets${name === undefined ? "" : `/${segment(name)}`}`;

const anything = z.looseObject({});

/** null if no preset has that name. Admin API. Throws `CloudinaryError`. */
export async function readPreset(
  account: CloudinaryAccount,
  name: string,
  limits?: CallLimits,
): Promise<UploadPreset | null> {
  return await nullIfMissing(
    callRest(
      account,
      { what: "read upload preset", method: "GET", path: path(account, name), schema: preset },
      limits,
    ),
  );
}

/** Creates an unsigned preset. Admin API. */
export async function createUnsignedPreset(
  account: CloudinaryAccount,
  { name, settings }: { name: string; settings: PresetSettings },
  limits?: CallLimits,
): Promise<void> {
  const body = { name, unsigned: true, ...settings };
  await callRest(
    account,
    { what: "create upload preset", method: "POST", path: path(account), body, schema: anything },
    limits,
  );
}

/** Admin API. */
export async function updatePreset(
  account: CloudinaryAccount,
  { name, settings }: { name: string; settings: PresetSettings },
  limits?: CallLimits,
): Promise<void> {
  await callRest(
    account,
    {
      what: "update upload preset",
      method: "PUT",
      path: path(account, name),
      body: settings,
      schema: anything,
    },
    limits,
  );
}

/** Admin API. False if no preset has that name. */
export async function removePreset(
  account: CloudinaryAccount,
  name: string,
  limits?: CallLimits,
): Promise<boolean> {
  const removed = await nullIfMissing(
    callRest(
      account,
      { what: "remove upload preset", method: "DELETE", path: path(account, name), schema: anything },
      limits,
    ),
  );
  return removed !== null;
}

/** Up to 500. Admin API. Throws `CloudinaryError`. */
export async function listPresets(account: CloudinaryAccount, limits?: CallLimits): Promise<UploadPreset[]> {
  const { presets } = await callRest(
    account,
    {
      what: "list upload presets",
      method: "GET",
      path: path(account),
      query: { max_results: 500 },
      schema: z.looseObject({ presets: z.array(preset) }),
    },
    limits,
  );
  return presets;
}
