export interface Recipients {
  addresses: string[];
  /** Positions (from 1) of entries that are not addresses. The text itself may be private. */
  wrong: number[];
}

/** The form that SendGrid accepts: one @, no space, a domain with a dot. Quoted local parts and address literals are not supported. */
function isAddress(text: string): boolean {
  const [, domain] = /^[^\s@<>()[\],;:"\\]{1,64}@([^@]+)$/.exec(text) ?? [];
  const labels = domain?.split(".") ?? [];
  return labels.length > 1 && labels.every((label) => /^(?!-)[a-z0-9-]{1,63}$(?<!-)/i.test(label));
}

/** `ada@x.com, Ada Lovelace <ada@x.com>; "Lovelace, Ada" <ada@x.com>`: commas, semicolons, line breaks, or spaces between bare addresses. */
export function readRecipients(text: string): Recipients {
  const addresses: string[] = [];
  const wrong: number[] = [];
  for (const [index, entry] of entries(text).entries()) {
    const found = addressesIn(entry);
    if (found === null) wrong.push(index + 1);
    else for (const address of found) if (!addresses.includes(address)) addresses.push(address);
  }
  return { addresses, wrong };
}

/** Splits at separators outside quotes and angle brackets. */
function entries(text: string): string[] {
  const parts = text.match(/(?:"(?:\\.|[^"\\])*"|<[^>]*>|[^,;\n])+/g) ?? [];
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

function addressesIn(entry: string): string[] | null {
  const named = /^(?:"(?:\\.|[^"\\])*"|[^"<>@]*)\s*<([^<>]*)>$/.exec(entry)?.[1]?.trim();
  const found = named === undefined ? entry.split(/\s+/) : [named];
  return found.every(isAddress) ? found : null;
}
