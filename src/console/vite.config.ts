import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const page = fileURLToPath(new URL("page", import.meta.url));
const early = `${page}/early.ts`;

interface Modules {
  getModuleInfo(id: string): { code: string | null; importedIds: readonly string[] } | null;
}

const componentLibrary = /@mantine\/core\/esm\/index\.mjs$/;

/** What a module imports; of the library of components, whose index names all, only those that it names. */
function importsOf(id: string, modules: Modules): string[] {
  const { code = "", importedIds = [] } = modules.getModuleInfo(id) ?? {};
  return importedIds.flatMap((imported) => {
    if (!componentLibrary.test(imported)) return imported;
    const files = modules.getModuleInfo(imported)?.importedIds ?? [];
    const [, names = ""] = /import \{([^}]*)\} from "@mantine\/core"/.exec(code ?? "") ?? [];
    return names.split(",").flatMap((part) => {
      const [name = ""] = part.trim().split(/\s/);
      const kebab = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      return files.filter((file) => file.endsWith(`/${name}.mjs`) || file.endsWith(`/${kebab}.mjs`));
    });
  });
}

/** What the page and its first view import, without what is loaded later. */
const firstOnes = new Set<string>();

/** The name of the file of a module that several others share: the first view does not wait for what only others need. */
function sharedName(id: string, modules: Modules): string {
  if (firstOnes.size === 0) {
    const left = [`${page}/main.tsx`, `${page}/views/inbox/inbox.tsx`];
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      if (firstOnes.has(next)) continue;
      firstOnes.add(next);
      left.push(...importsOf(next, modules));
    }
  }
  return firstOnes.has(id) ? "shared" : "shared-later";
}

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
            { name: sharedName, debugName: "shared", minShareCount: 2, priority: 1 },
          ],
        },
      },
    },
  },
});
