import { useState } from "react";
import { Link } from "wouter";
import { handlerName } from "../../shared/outcome.ts";
import { answer, api } from "../api.ts";
import { ActButton } from "../parts/act-button.tsx";
import { Loaded } from "../parts/problem.tsx";
import { ReasonDialog } from "../parts/reason-dialog.tsx";
import { Tag } from "../parts/tag.tsx";
import { paths } from "../paths.ts";
import { queries } from "../queries.ts";
import { handlerWords } from "../texts/handlers.ts";
import { texts } from "../texts.ts";
import { type HandlerRow, useHandlers } from "./health-data.ts";

const words = texts.health;

/** Each handler with its open deliveries, and whether it is paused. */
export function Handlers() {
  const handlers = useHandlers();
  const [asked, setAsked] = useState<{ name: string; act: "pause" | "resume" } | null>(null);
  return (
    <Loaded query={handlers}>
      {({ handlers: all }) => (
        <>
          <ul className="handler-rows">
            {all.map((row) => (
              <HandlerLine
                key={row.name}
                row={row}
                ask={() => setAsked({ name: row.name, act: row.pausedAt === null ? "pause" : "resume" })}
              />
            ))}
          </ul>
          {asked && (
            <ReasonDialog
              title={asked.act === "pause" ? words.pauseTitle(asked.name) : words.resumeTitle(asked.name)}
              lead={
                asked.act === "pause"
                  ? handlerWords(asked.name).pauseLead
                  : handlerWords(asked.name).resumeLead
              }
              go={asked.act === "pause" ? words.pauseTitle(asked.name) : words.resumeTitle(asked.name)}
              close={() => setAsked(null)}
              act={async ({ reason }) => {
                await answer(
                  api.handlers[":name"][asked.act].$post({ param: { name: asked.name }, json: { reason } }),
                );
                await queries.invalidateQueries();
              }}
            />
          )}
        </>
      )}
    </Loaded>
  );
}

function HandlerLine({ row, ask }: { row: HandlerRow; ask: () => void }) {
  const { name, configured, due, running, held, dead, pausedAt, pausedBy, pauseReason } = row;
  const address = (state: string) =>
    `${paths.attention}?${new URLSearchParams({ state, handler: name }).toString()}`;
  return (
    <li className="handler-row">
      <div>
        <strong>{handlerName(name)}</strong> <code className="type">{name}</code>
        {pausedAt !== null && (
          <p className="small quiet">{words.pausedBy(pausedBy ?? texts.unknown, pauseReason ?? "")}</p>
        )}
      </div>
      <div className="handler-states">
        {dead > 0 && (
          <Link to={address("dead")} className="plain">
            <Tag tone="bad">{texts.stuck.failed(dead)}</Tag>
          </Link>
        )}
        {held > 0 && (
          <Link to={address("held")} className="plain">
            <Tag tone="warn">{texts.stuck.held(held)}</Tag>
          </Link>
        )}
        {pausedAt !== null && (
          <Tag tone="warn" icon="bars">
            {words.paused}
          </Tag>
        )}
        {!configured && <Tag tone="warn">{words.notConfigured}</Tag>}
        <span className="small quiet">
          {due + running === 0 ? words.nothingOpen : words.openCount(due + running)}
        </span>
      </div>
      <ActButton
        size="xs"
        variant={pausedAt === null ? "default" : "filled"}
        aria-label={pausedAt === null ? words.pauseTitle(name) : words.resumeTitle(name)}
        onClick={ask}
      >
        {pausedAt === null ? words.pause : words.resume}…
      </ActButton>
    </li>
  );
}
