/** The receiver's health. */
export const healthTexts = {
  health: {
    well: "Healthy: notifications are received and delivered",
    degraded: "Degraded: a limit of the setting health is reached",
    ill: "Unhealthy",
    problems: {
      "database-not-reached":
        "The database is unavailable. Notifications are answered with 503, and Cloudinary retries each up to three times.",
      "tables-missing":
        "The database has no tables. Apply the migrations with: netlify database migrations apply",
      "queue-stuck":
        "Deliveries have been overdue for more than half an hour. Check that the sweep runs and that deliver-background is deployed.",
      "too-many-dead":
        "More deliveries failed permanently than the setting health.dead allows. See Needs attention.",
      "too-many-held":
        "More deliveries are on hold than the setting health.held allows. See Needs attention.",
    } as Readonly<Record<string, string>>,
    open: "Open deliveries",
    due: "queued",
    overdue: "overdue",
    running: "running",
    held: "on hold",
    dead: "failed permanently",
    oldest: "oldest queued",
    clock: "database clock",
    clockAhead: (ms: number) =>
      Math.abs(ms) < 1000
        ? "in sync"
        : `${(Math.abs(ms) / 1000).toFixed(1)} s ${ms > 0 ? "ahead" : "behind"}`,
    errorRate: "failed attempts, last 24 hours",
    chartArrivals: "Notifications per hour",
    chartAttempts: "Attempts per hour",
    notifications: "notifications",
    settled: "succeeded",
    failed: "failed",
    types: "Latest notification by type",
    secrets: "Signing secrets",
    secretColumns: { name: "Name", use: "Verified, last 24 hours", last: "Last used", ends: "Expires" },
    secretGone: "no longer configured",
    warnings: "Needs attention",
    doctor: "Cloudinary, SendGrid, the site and the PIM are checked by",
    lastDay: "Last 24 hours",
    heartbeats: "Background and scheduled functions, last run",
    noHeartbeat: "No sweep has run yet.",
    handlers: "Handlers",
    handlerColumns: { name: "Handler", open: "Open", state: "State", act: "Action" },
    alerts: "Alerts",
    alertColumns: { what: "Cause", state: "State", act: "Action" },
    noAlerts: "No alert so far.",
    alertSince: "since",
    alertEnded: "resolved",
    mutedBy: (who: string, why: string) => `muted by ${who}: ${why}`,
    mute: "Mute",
    unmute: "Unmute",
    muteTitle: (what: string) => `Mute: ${what}`,
    unmuteTitle: (what: string) => `Unmute: ${what}`,
    muteLead:
      "Nobody gets a message when this begins or is resolved, until it is unmuted. It still appears in Health.",
    unmuteLead: "If it began or was resolved in the meantime, the next sweep reports it.",
    active: "active",
    pausedBy: (who: string, why: string) => `paused by ${who}: ${why}`,
    pause: "Pause",
    resume: "Resume",
    pauseTitle: (name: string) => `Pause ${name}`,
    resumeTitle: (name: string) => `Resume ${name}`,
  },
};
