import { CopyButton, UnstyledButton } from "@mantine/core";
import type { ReactNode } from "react";
import { texts } from "../texts.ts";

/** Names and values; a fact without a value is left out. */
export function FactList({ facts }: { facts: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="facts">
      {facts.map(([name, value]) =>
        value === null || value === undefined || value === "" ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

/** Something long to take along: an id, a digest. */
export function Copyable({ value, of }: { value: string; of: string }) {
  return (
    <span className="copyable">
      <code>{value}</code>
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <UnstyledButton className="textual small" onClick={copy} aria-label={`${texts.copy}: ${of}`}>
            {copied ? texts.copied : texts.copy}
          </UnstyledButton>
        )}
      </CopyButton>
    </span>
  );
}
