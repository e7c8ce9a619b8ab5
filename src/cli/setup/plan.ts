import type { CloudinaryAccount } from "../../config.types.ts";
import { type AccountSettings, readAccountSettings } from "../../lib/cloudinary/account-settings.ts";
import { CloudinaryError } from "../../lib/cloudinary/errors.ts";
import { readPreset, type UploadPreset } from "../../lib/cloudinary/presets.ts";
import { listTriggers, type Trigger } from "../../lib/cloudinary/triggers.ts";
import {
  type PresetPlan,
  type PresetStep,
  planPreset,
  planPresetRemoval,
  type WantedPreset,
} from "./plan-preset.ts";
import {
  planRemoval,
  planTriggers,
  type TriggerPlan,
  type TriggerStep,
  type WantedTriggers,
} from "./plan-triggers.ts";

export interface Wanted {
  triggers: WantedTriggers;
  /** null: no preset is wanted, and none is touched. */
  preset: Omit<WantedPreset, "folderMode"> | null;
  remove: boolean;
}

export type Step = ({ kind: "trigger" } & TriggerStep) | ({ kind: "preset" } & PresetStep);

export interface Plan {
  triggers: TriggerPlan;
  preset: PresetPlan | null;
  /** In the order in which they are applied. */
  steps: Step[];
  settings: AccountSettings;
  found: { triggers: Trigger[]; preset: UploadPreset | null };
}

/** Reads the account and compares it with what is wanted. Changes nothing. */
export async function makePlan(account: CloudinaryAccount, wanted: Wanted): Promise<Plan> {
  const [triggers, preset, settings] = await Promise.all([
    listTriggers(account),
    wanted.preset === null ? null : readPreset(account, wanted.preset.name),
    readSettings(account),
  ]);
  const forTriggers = (wanted.remove ? planRemoval : planTriggers)(triggers, wanted.triggers);
  const presetTerms = wanted.preset && { ...wanted.preset, folderMode: settings.folderMode };
  const forPreset = presetTerms && (wanted.remove ? planPresetRemoval : planPreset)(preset, presetTerms);
  return {
    triggers: forTriggers,
    preset: forPreset,
    steps: [
      ...forTriggers.steps.map((step) => ({ kind: "trigger" as const, ...step })),
      ...(forPreset?.step ? [{ kind: "preset" as const, ...forPreset.step }] : []),
    ],
    settings,
    found: { triggers, preset },
  };
}

/** A key that may not read them can still set everything up. */
async function readSettings(account: CloudinaryAccount): Promise<AccountSettings> {
  try {
    return await readAccountSettings(account);
  } catch (error) {
    if (error instanceof CloudinaryError && (error.code === 403 || error.isNotFound))
      return { folderMode: null, signatureAlgorithm: null };
    throw error;
  }
}
