import type { MailAccount } from "../../../config.types.ts";
import type { EmailSettings } from "../../../settings.types.ts";
import type { MailProvider } from "./provider.ts";
import { resend } from "./resend.ts";
import { sendgrid } from "./sendgrid.ts";

/** The provider of the account. */
export function mailProvider(account: MailAccount, settings: EmailSettings): MailProvider {
  switch (account.provider) {
    case "sendgrid":
      return sendgrid(account, settings);
    case "resend":
      return resend(account, settings);
    default:
      return account.provider satisfies never;
  }
}
