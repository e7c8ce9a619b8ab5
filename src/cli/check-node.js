// Run by every npm script, so it must stay plain JavaScript that any Node reads.
const [major] = process.versions.node.split(".").map(Number);
if (major < 24) {
  console.error(
    `This is Node ${process.versions.node}; the project brings its own Node 24, and it is not there.\n` +
      "Run `npm ci` (or, where its scripts were switched off, `npm rebuild node esbuild`), then this command again.",
  );
  process.exit(1);
}
