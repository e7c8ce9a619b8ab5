/** j and k move the focus over the links of the rows, so Enter opens a row like any link. */
export function moveFocus(step: 1 | -1, targets = "a.row-link"): void {
  const links = [...document.querySelectorAll<HTMLElement>(targets)];
  const at = links.findIndex((link) => link.matches(":focus"));
  const next =
    at === -1 ? (step === 1 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + step));
  links[next]?.focus();
}

/** The notification whose row has the focus; null: none has. */
export function focusedNotification(): string | null {
  return document.activeElement?.closest("[data-notification]")?.getAttribute("data-notification") ?? null;
}
