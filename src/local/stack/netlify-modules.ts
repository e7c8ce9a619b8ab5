import { registerHooks } from "node:module";

interface Replacement {
  /** What is imported. */
  specifier: RegExp;
  /** The module of `netlify dev` that imports it. */
  importer: RegExp;
  /** The module that it gets instead. */
  module: string;
  /** By default always. */
  isWanted?: () => boolean;
}

/** They are named in test/local/start.test.ts, which fails if an update of `netlify dev` imports them elsewhere. */
const replacements: readonly Replacement[] = [
  {
    specifier: /^(node:)?worker_threads$/,
    importer: /netlify-cli\/dist\/lib\/functions\/runtimes\/js\/index\.js$/,
    module: "./warm-worker.js",
  },
  {
    specifier: /^@vercel\/nft$/,
    importer: /zip-it-and-ship-it\/dist\/runtimes\/node\/bundlers\/nft\/index\.js$/,
    module: "./trace-nothing.ts",
  },
  {
    specifier: /^@netlify\/database-dev$/,
    importer: /@netlify\/dev\/dist\/main\.js$/,
    module: "./no-database.ts",
    isWanted: () => (process.env.DATABASE_URL ?? "") !== "",
  },
];

/** Runs inside `netlify dev`: replaces modules that it imports, where it does far more than one machine needs. */
export function replaceModules(): void {
  registerHooks({
    resolve(specifier, context, next) {
      const found = replacements.find(
        ({ specifier: wanted, importer, isWanted }) =>
          wanted.test(specifier) && importer.test(context.parentURL ?? "") && (isWanted?.() ?? true),
      );
      return found === undefined
        ? next(specifier, context)
        : { url: new URL(found.module, import.meta.url).href, shortCircuit: true };
    },
  });
}
