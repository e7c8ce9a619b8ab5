import { CopyButton, UnstyledButton } from "@mantine/core";
import type { ReactNode } from "react";
import { texts } from "../texts.ts";

/** Names and values; entries without a value are left out. */
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

/** A long value to copy, such as an ID or a digest. */
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
