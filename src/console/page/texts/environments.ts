/** Product environments. */
export const environmentTexts = {
  environments: {
    label: "Product environment",
    all: "All environments",
    notLimited: "Shows all product environments.",
    within: "in",
    unknown: "without a known environment",
    nothing: (cloud: string) => `No notifications from ${cloud}`,
    showAll: "Show all environments",
  },
};
