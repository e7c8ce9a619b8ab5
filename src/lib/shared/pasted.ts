/** The value of a variable as users paste it: with its own name in front (`export NAME=value`), in quotes, or both. */
export function pasted(name: string, text: string): string {
  const value = text.trim().replace(new RegExp(`^(?:export\\s+)?${name}\\s*=\\s*`), "");
  const [, inner] = /^(?:"(.*)"|'(.*)'|`(.*)`)$/s.exec(value)?.filter((part) => part !== undefined) ?? [];
  return (inner ?? value).trim();
}

/** Placeholders in documentation and sample files: `<your_api_key>`, `your_api_secret`, `****`, `xxxx`. */
export function isPlaceholder(value: string): boolean {
  return (
    /[<>*\s"'`]|^\[.*\]$|^\{.*\}$/.test(value) ||
    /^your[-_](\w|-)+$|^(api|cloud)[-_](key|name|secret)$|^secret$|^change[-_]?me$|^x{3,}$/i.test(value)
  );
}
