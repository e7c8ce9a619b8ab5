// Run by every npm script, so it must be plain JavaScript that every Node version supports.
const [major] = process.versions.node.split(".").map(Number);
if (major < 24) {
  console.error(
    `This is Node ${process.versions.node}; the project's own Node 24 is not installed.\n` +
      "Run `npm ci` (or `npm rebuild node esbuild` if install scripts are disabled), then run this command again.",
  );
  process.exit(1);
}
