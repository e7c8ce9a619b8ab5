export const sampleKinds = ["upload", "eager", "moderation", "tags", "delete", "unreadable"] as const;
export type SampleKind = (typeof sampleKinds)[number];

/** The name of the secret that verified a sample. No configured secret can have it, because their names contain no space. */
export const sampleSecretName = "console sample";
