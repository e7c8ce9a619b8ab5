import type { Settings } from "../../settings.types.ts";
import { type Finding, failed } from "../finding.ts";
import { inWords } from "../in-words.ts";

/** What is wrong with the header itself, and with the age of the signature when it arrived. */
export function timestampFindings(
  timestamp: string,
  { receivedAt, settings, now }: { receivedAt: number | null; settings: Settings; now: number },
): Finding[] {
  if (timestamp === "")
    return [
      failed("request.timestamp-missing", "The request has no X-Cld-Timestamp header", {
        why: "The signature cannot be verified without it.",
        fix: "Let the proxy pass on every header that begins with X-Cld-.",
      }),
    ];
  if (/^\d{13}$/.test(timestamp))
    return [
      failed("request.timestamp-milliseconds", "X-Cld-Timestamp is in milliseconds", {
        why: "Cloudinary sends seconds (ten digits), and the receiver accepts nothing else.",
        fix: "Find out what writes the header: Cloudinary does not. With code of your own, divide by 1000.",
      }),
    ];
  if (!/^[1-9]\d{9}$/.test(timestamp))
    return [
      failed(
        "request.timestamp-malformed",
        `X-Cld-Timestamp does not have ten digits, but ${timestamp.length} characters`,
        {
          why: "The receiver accepts Unix time in seconds only.",
          fix: "Capture the request again; the header may have been changed on its way.",
        },
      ),
    ];
  const age = Math.floor((receivedAt ?? now) / 1_000) - Number(timestamp);
  return ageFinding(age, settings, receivedAt === null);
}

/** `isNow`: the age is the one at this moment, and not the one when the request arrived. */
export function ageFinding(age: number, { receive }: Settings, isNow: boolean): Finding[] {
  if (age <= receive.maxAgeSeconds && -age <= receive.maxAheadSeconds) return [];
  const hint = isNow ? " If it was captured earlier, give the time of its arrival with --received-at." : "";
  const halfHours = Math.round(age / 1_800);
  const isShift = halfHours !== 0 && Math.abs(halfHours) <= 28 && Math.abs(age - halfHours * 1_800) <= 120;
  if (isShift && !isNow)
    return [
      failed(
        "request.clock",
        `The timestamp is ${inWords(Math.abs(age))} ${age > 0 ? "behind" : "ahead of"} the clock that received it`,
        {
          why: "The difference is a whole number of half hours: one of the two clocks is wrong, or set to local time as if it were UTC.",
          fix: "Synchronise the clock of the machine that receives (NTP), and check its time zone.",
        },
      ),
    ];
  return age > 0
    ? [
        failed("request.timestamp-too-old", `The signature is ${inWords(age)} old`, {
          why: `The receiver accepts ${inWords(receive.maxAgeSeconds)}, so that a captured request cannot be sent again later.${hint}`,
          fix: "Send the notification again: from Cloudinary, or with `npx webhooks send <file>`, which signs it again.",
        }),
      ]
    : [
        failed("request.timestamp-ahead", `The timestamp is ${inWords(-age)} in the future`, {
          why: `The receiver accepts ${inWords(receive.maxAheadSeconds)}.${hint}`,
          fix: "Check the clock of the machine that receives.",
        }),
      ];
}
