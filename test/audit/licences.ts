/** The lockfile as far as licences need it. */
export interface Lockfile {
  packages: Record<string, { version?: string; dev?: boolean; license?: string }>;
}

/** Licences that permit use without conditions for the receiver's own code. MPL-2.0 has conditions for changed files of the package alone. */
const permitted = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MPL-2.0",
  "Unlicense",
]);

/** Packages that name no licence in their package.json, and where they name it. */
const namedElsewhere = new Map([["callsite", "MIT, in its README"]]);

/** The packages that ship whose licence is not permitted, with it. */
export function unpermitted({ packages }: Lockfile): string[] {
  return Object.entries(packages).flatMap(([path, { dev, license = "none" }]) => {
    if (path === "" || dev) return [];
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    if (license === "none" && namedElsewhere.has(name)) return [];
    const alternatives = license.replace(/^\((.*)\)$/, "$1").split(" OR ");
    return alternatives.some((one) => permitted.has(one)) ? [] : [`${name}: ${license}`];
  });
}
