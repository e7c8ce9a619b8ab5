import type { CloudinaryAccount } from "../../config.types.ts";
import { CloudinaryError } from "../../lib/cloudinary/errors.ts";
import { createUnsignedPreset, removePreset, updatePreset } from "../../lib/cloudinary/presets.ts";
import { createTrigger, removeTrigger, updateTrigger } from "../../lib/cloudinary/triggers.ts";
import type { Step } from "./plan.ts";

export interface Applied {
  done: Step[];
  /** The step that failed. Whether it took effect is unknown if no answer came. */
  failed: { step: Step; error: CloudinaryError } | null;
  notDone: Step[];
}

/** One step after the other; stops at the first that fails. */
export async function apply(
  account: CloudinaryAccount,
  steps: readonly Step[],
  onDone: (step: Step) => void,
): Promise<Applied> {
  for (const [index, step] of steps.entries()) {
    try {
      await applyStep(account, step);
    } catch (error) {
      if (!(error instanceof CloudinaryError)) throw error;
      return { done: steps.slice(0, index), failed: { step, error }, notDone: steps.slice(index + 1) };
    }
    onDone(step);
  }
  return { done: [...steps], failed: null, notDone: [] };
}

async function applyStep(account: CloudinaryAccount, step: Step): Promise<void> {
  if (step.kind === "preset") {
    const { name } = step;
    if (step.action === "create") await createUnsignedPreset(account, { name, settings: step.settings });
    else if (step.action === "update") await updatePreset(account, { name, settings: step.settings });
    else await removePreset(account, name);
  } else if (step.action === "create") await createTrigger(account, step.trigger);
  else if (step.action === "update")
    await updateTrigger(account, { id: step.trigger.id, newUri: step.newUri });
  else await removeTrigger(account, step.trigger.id);
}
