/** Text as it stands, in a box that scrolls. */
export function RawText({ text, label }: { text: string; label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
    <section className="raw" tabIndex={0} aria-label={label}>
      <pre>{text}</pre>
    </section>
  );
}
