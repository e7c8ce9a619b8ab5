import type { Trigger } from "../../lib/cloudinary/triggers.ts";
import { settings } from "../../settings.ts";
import { explain } from "../account.ts";
import { columns, printable, styled } from "../output.ts";
import type { Applied } from "./apply.ts";
import type { Plan, Step } from "./plan.ts";

const names = { create: "create", update: "update", remove: "remove", leave: "leave" } as const;
const styles = { create: "green", update: "yellow", remove: "red", leave: "dim" } as const;

/** What is there and what would change, for people. */
export function describePlan(
  { triggers, preset, steps, settings: account }: Plan,
  presetName: string,
): string {
  const rows = [
    ...steps.flatMap((step) =>
      step.kind === "trigger" ? [row(step.action, [...cellsOf(step), step.reason])] : [],
    ),
    ...triggers.left.map(({ trigger, note }) => row("leave", [...cellsOfTrigger(trigger), note ?? ""])),
  ];
  const presetStep = steps.find((step) => step.kind === "preset");
  const presetLines =
    preset === null
      ? []
      : presetStep
        ? columns(presetRows(presetStep))
        : columns([row("leave", [presetName, preset.note ?? "as it should be"])]);
  return [
    "Triggers",
    ...(rows.length === 0 ? ["  none of this receiver"] : columns(rows)),
    ...(triggers.others.length === 0
      ? []
      : [`  ${triggers.others.length} of other receivers or kinds, which stay as they are`]),
    ...(preset === null ? [] : ["Upload preset", ...presetLines]),
    "Signature algorithm",
    `  ${describeAlgorithm(account.signatureAlgorithm)}`,
    ...triggers.problems.map((problem) => `${styled("red", "Problem:")} ${problem}`),
  ].join("\n");
}

const row = (action: keyof typeof names, cells: readonly string[]): string[] => [
  `  ${styled(styles[action], names[action])}`,
  ...cells.map(printable),
];

/** One line for a step that was taken, or not. */
export const describeStep = (step: Step): string =>
  [step.action, step.kind === "trigger" ? "trigger" : "upload preset", ...cellsOf(step)]
    .filter((cell) => cell !== "")
    .map(printable)
    .join(" ");

/** A setting on each line. */
function presetRows(step: Step & { kind: "preset" }): string[][] {
  const facts =
    step.action === "remove"
      ? []
      : [
          ...(step.action === "create" ? ["unsigned: anybody who knows its name can upload"] : []),
          ...Object.entries(step.settings).map(([name, value]) => `${name} ${value}`),
        ];
  const [first = "", ...others] = facts;
  return [row(step.action, [step.name, first]), ...others.map((fact) => ["", "", printable(fact)])];
}

function cellsOf(step: Step): string[] {
  if (step.kind === "preset") return [step.name];
  if (step.action === "create") {
    const { eventType, uri, authScheme, additive } = step.trigger;
    return [eventType, uri, facts(authScheme, additive)];
  }
  if (step.action === "update") return [step.trigger.event_type, `${step.trigger.uri} → ${step.newUri}`, ""];
  return cellsOfTrigger(step.trigger);
}

const cellsOfTrigger = ({ event_type, uri, auth_scheme, additive }: Trigger): string[] => [
  event_type,
  uri,
  facts(auth_scheme, additive),
];

const facts = (scheme: string | null | undefined, additive: boolean | null | undefined): string =>
  [...(scheme ? [`auth_scheme ${scheme}`] : []), ...(additive ? ["additive"] : [])].join(", ");

function describeAlgorithm(shown: string | null): string {
  const accepted = settings.receive.algorithms.join(" and ");
  return shown === null
    ? `not shown by Cloudinary's API; the receiver accepts ${accepted}`
    : `${shown}; the receiver accepts ${accepted}`;
}

/** The steps that were done, those that were not, and how to continue. */
export function describeFailure({ done, failed, notDone }: Applied): string {
  if (failed === null) return "";
  const { step, error } = failed;
  const list = (steps: readonly Step[]) => steps.map((step) => `\n  ${describeStep(step)}`).join("");
  return [
    explain(error),
    `${error.isUnknownOutcome ? "Not known whether done" : "Not done"}:${list([step])}`,
    ...(done.length > 0 ? [`Done:${list(done)}`] : []),
    ...(notDone.length > 0 ? [`Not done:${list(notDone)}`] : []),
    "Run the same command again: it does what is missing and nothing twice.",
  ].join("\n");
}

/** A plan, for scripts. */
export function summary({ triggers, preset, steps, settings: account }: Plan) {
  return {
    steps,
    left: triggers.left,
    others: triggers.others.length,
    preset: preset === null ? null : { note: preset.note },
    signatureAlgorithm: account.signatureAlgorithm,
    problems: triggers.problems,
  };
}

export const appliedSummary = ({ done, failed, notDone }: Applied) => ({
  done,
  failed: failed && {
    step: failed.step,
    error: explain(failed.error),
    outcomeUnknown: failed.error.isUnknownOutcome,
  },
  notDone,
});
