/** Verbatim text in a scrolling box. `lines`: do not wrap lines. */
export function RawText({ text, label, lines = false }: { text: string; label: string; lines?: boolean }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
    <section className={lines ? "raw lines" : "raw"} tabIndex={0} aria-label={label}>
      <pre>{text}</pre>
    </section>
  );
}
