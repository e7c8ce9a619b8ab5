/** How the receiver is. */
export const healthTexts = {
  health: {
    well: "Notifications are received and delivered",
    ill: "Not well",
    problems: {
      "database-not-reached":
        "The database cannot be reached. Notifications are answered with 503, and Cloudinary tries three times more.",
      "tables-missing":
        "The database has no tables. Apply the migrations: netlify database migrations apply.",
      "queue-stuck":
        "What is due has not been delivered for half an hour. Is the sweep running, is deliver-background deployed?",
    } as Readonly<Record<string, string>>,
    open: "Open deliveries",
    due: "due",
    overdue: "overdue",
    running: "running",
    held: "held",
    dead: "dead",
    oldest: "Oldest due",
    clock: "Database clock",
    clockAhead: (ms: number) =>
      Math.abs(ms) < 1000
        ? "in step"
        : `${(Math.abs(ms) / 1000).toFixed(1)} s ${ms > 0 ? "ahead" : "behind"}`,
    errorRate: "Failed attempts, last day",
    chartArrivals: "Notifications by hour",
    chartAttempts: "Attempts by hour",
    notifications: "notifications",
    settled: "settled",
    failed: "failed",
    types: "Last of each type",
    secrets: "Secrets",
    secretColumns: { name: "Name", use: "Verified, last day", last: "Last", ends: "Ends" },
    secretGone: "not configured any more",
    warnings: "To look into",
    lastDay: "The last day",
    heartbeats: "Heartbeats",
    noHeartbeat: "No sweep has left a word yet.",
    handlers: "Handlers",
    handlerColumns: { name: "Handler", open: "Open", state: "State", act: "Act" },
    active: "active",
    pausedBy: (who: string, why: string) => `paused by ${who}: ${why}`,
    pause: "Pause",
    resume: "Resume",
    pauseTitle: (name: string) => `Pause ${name}`,
    resumeTitle: (name: string) => `Resume ${name}`,
  },
};
