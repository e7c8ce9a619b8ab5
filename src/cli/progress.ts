/** A status line on stderr that replaces itself; nothing is written where stderr is not a terminal. */
export function showProgress(stream: NodeJS.WriteStream = process.stderr) {
  const clear = "\r\u001b[K";
  let isShown = false;
  return {
    show(text: string): void {
      if (!stream.isTTY) return;
      stream.write(`${clear}${text.slice(0, stream.columns - 1)}`);
      isShown = true;
    },
    /** Removes the line. */
    [Symbol.dispose](): void {
      if (isShown) stream.write(clear);
    },
  };
}
