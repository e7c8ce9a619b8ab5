import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from "node:crypto";
import type { Config } from "../../config.types.ts";

/** Encrypts a text so that only this receiver can read it. Deterministic, so that browsers can cache pictures. */
export interface Seal {
  close(text: string): string;
  /** null if it was not encrypted by this receiver, or the operators' tokens have changed. */
  open(sealed: string): string | null;
}

const cipher = "aes-256-gcm";
const prefix = "sealed-";
const ivLength = 12;
const tagLength = 16;

/** The key is derived from an operator's token, which every caller of the console API has. */
export function sealOf({ operators }: Pick<Config, "operators">): Seal {
  const key = Buffer.from(hkdfSync("sha256", operators[0]?.token ?? "", "", "cloudinary-webhooks seal", 32));
  return {
    close(text) {
      const iv = createHmac("sha256", key).update(text).digest().subarray(0, ivLength);
      const closing = createCipheriv(cipher, key, iv);
      const closed = Buffer.concat([closing.update(text, "utf8"), closing.final()]);
      return prefix + Buffer.concat([iv, closing.getAuthTag(), closed]).toString("base64url");
    },
    open(sealed) {
      const bytes = Buffer.from(sealed.slice(prefix.length), "base64url");
      if (!sealed.startsWith(prefix) || bytes.length < ivLength + tagLength) return null;
      const opening = createDecipheriv(cipher, key, bytes.subarray(0, ivLength));
      opening.setAuthTag(bytes.subarray(ivLength, ivLength + tagLength));
      try {
        const text = [opening.update(bytes.subarray(ivLength + tagLength)), opening.final()];
        return Buffer.concat(text).toString();
      } catch {
        return null;
      }
    },
  };
}
