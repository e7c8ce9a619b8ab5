import * as z from "zod";
import type { CloudinaryAccount } from "../../config.types.ts";
import { type CallLimits, callRest, segment } from "./rest.ts";

const config = z.looseObject({
  settings: z
    .looseObject({ folder_mode: z.string().nullish(), signature_algorithm: z.string().nullish() })
    .nullish(),
});

export interface AccountSettings {
  /** `dynamic` or `fixed`; null if the API does not return it. */
  folderMode: string | null;
  /** The signature algorithm of notifications; usually null, because the API does not return it. */
  signatureAlgorithm: string | null;
}

/** Uses the Admin API. */
export async function readAccountSettings(
  account: CloudinaryAccount,
  limits?: CallLimits,
): Promise<AccountSettings> {
  const { settings } = await callRest(
    account,
    {
      what: "read settings",
      method: "GET",
      path: `/v1_1/${segment(account.cloudName)}/config`,
      query: { settings: "true" },
      schema: config,
    },
    limits,
  );
  return {
    folderMode: settings?.folder_mode ?? null,
    signatureAlgorithm: settings?.signature_algorithm ?? null,
  };
}
