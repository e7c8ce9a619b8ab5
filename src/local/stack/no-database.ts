/** What `netlify dev` gets in place of its embedded database (netlify-modules.ts), which nothing uses beside a database of the user's own. */
const reason = "DATABASE_URL is set, so that the embedded database is not started.";

export class NetlifyDB {
  /** The reason is in `.local/netlify-dev.log`. */
  start(): Promise<never> {
    return Promise.reject(new Error(reason));
  }
}

/** The rest of the module, which `netlify dev` imports for commands that do not run here. */
function unavailable(): never {
  throw new Error(reason);
}

export {
  unavailable as applyMigrations,
  unavailable as initializeTrackingTable,
  unavailable as resetDatabase,
};
