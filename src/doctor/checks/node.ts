import type { DoctorContext, NodePin } from "../context.ts";
import { type Finding, failed, ok } from "../finding.ts";

/** The Node version that @netlify/functions requires; with older ones, parts of the receiver fail after a notification is stored. */
const minNode = [22, 12] as const;

/** The Node version of this process, and the one configured for Netlify. */
export async function checkNode({ nodeVersion, nodePins }: DoctorContext): Promise<Finding[]> {
  const own = isTooOld(nodeVersion)
    ? failed("node.version", `This process runs on Node ${nodeVersion}`, {
        why: "The receiver needs Node 22.12 or later; on older versions functions fail after a notification is stored.",
        fix: "Install Node 24, on Netlify by NODE_VERSION=24 in netlify.toml, then build and deploy again.",
      })
    : ok("node.version", `Node ${nodeVersion}`);
  return [own, ...nodePins.map(pinned)];
}

function pinned({ name, version }: NodePin): Finding {
  const id = `node.${name}`;
  if (!isTooOld(version)) return ok(id, `${name} selects Node ${version} for Netlify`);
  return failed(id, `${name} selects Node ${version} for Netlify`, {
    why: "The receiver needs Node 22.12 or later; on older versions hooks can answer 503 to notifications.",
    fix: `Set ${name} to 24 (for AWS_LAMBDA_JS_RUNTIME, nodejs24.x), or remove it, then deploy again.`,
  });
}

/** Takes `20`, `v20.11.1` and `nodejs20.x`. What names no number, such as `lts/*`, is taken as new. */
function isTooOld(version: string): boolean {
  const [, major, minor] = /(\d+)(?:\.(\d+))?/.exec(version) ?? [];
  if (major === undefined) return false;
  const [minMajor, minMinor] = minNode;
  // `22` alone selects the newest 22.
  return Number(major) < minMajor || (Number(major) === minMajor && Number(minor ?? minMinor) < minMinor);
}
