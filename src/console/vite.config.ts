import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const page = fileURLToPath(new URL("page", import.meta.url));
const early = `${page}/early.ts`;
const notAView = /^(?!.*page\/views\/)/;
/** early.ts with all that it imports: it waits for nothing else. */
const withEarly =
  /page\/(?:early|early-answers|fragment|paths|views|views\/inbox\/query)\.ts$|preload-helper/;

/**
 * Puts early.ts into the document as a script of its own, which does not wait for the page's. The first paint waits for it: it sets
 * the colours.
 */
const earlyScript: Plugin = {
  name: "early-script",
  transformIndexHtml: {
    order: "post",
    handler(_, { bundle = {} }) {
      const chunk = Object.values(bundle).find(
        (file) => file.type === "chunk" && file.moduleIds.includes(early),
      );
      if (chunk === undefined) return [];
      const attrs = {
        type: "module",
        async: true,
        blocking: "render",
        crossorigin: true,
        src: `/${chunk.fileName}`,
      };
      return [{ tag: "script", attrs, injectTo: "head" }];
    },
  },
};

// Nothing is inlined into the document: its Content-Security-Policy (netlify.toml) allows scripts and styles from files only.
export default defineConfig({
  root: page,
  plugins: [react(), earlyScript],
  build: {
    outDir: fileURLToPath(new URL("../../dist", import.meta.url)),
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      input: { index: `${page}/index.html`, early },
      output: {
        codeSplitting: {
          groups: [
            { name: "early", test: withEarly, priority: 2 },
            // Instead of a file for each set of views.
            { name: "shared", test: notAView, minShareCount: 2, priority: 1 },
          ],
        },
      },
    },
  },
});
