/** Text as it stands, in a box that scrolls. `lines`: each line stays one. */
export function RawText({ text, label, lines = false }: { text: string; label: string; lines?: boolean }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
    <section className={lines ? "raw lines" : "raw"} tabIndex={0} aria-label={label}>
      <pre>{text}</pre>
    </section>
  );
}
