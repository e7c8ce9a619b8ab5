import { Button } from "@mantine/core";
import { useState } from "react";
import { Link } from "wouter";
import { ActButton } from "../../parts/act-button.tsx";
import { BatchDialog } from "../../parts/batch-dialog.tsx";
import { Icon } from "../../parts/icon.tsx";
import { When } from "../../parts/when.tsx";
import { WithheldShown } from "../../parts/withheld.tsx";
import { paths } from "../../paths.ts";
import { causeWords, lacking, meaning } from "../../texts/causes.ts";
import { handlerWords } from "../../texts/handlers.ts";
import { texts } from "../../texts.ts";
import type { Batch } from "../attention/batch.ts";
import { type Delivery, decisionOf, failedOf, type Story } from "./story.ts";

const words = texts.record;

interface OpenProblemsProps {
  story: Story;
  replay: (handler: string) => void;
}

/** What failed or waits for a person; nothing while all is done. */
export function OpenProblems({ story, replay }: OpenProblemsProps) {
  const open = story.record.deliveries.filter(({ state }) => state === "dead" || state === "held");
  return open.map((delivery) => (
    <OpenProblem key={delivery.id} delivery={delivery} story={story} replay={replay} />
  ));
}

/** In one order: what it means, why, what to do, the button. */
function OpenProblem({ delivery, story, replay }: { delivery: Delivery } & OpenProblemsProps) {
  const { handler, lastError, settledAt } = delivery;
  const state = delivery.state === "held" ? "held" : "dead";
  const [batch, setBatch] = useState<Batch | null>(null);
  const cause = lastError ?? "";
  const { title, todo } = causeWords(state, handler, cause);
  const said = handlerWords(
    handler,
    state === "held" ? lastError : null,
    failedOf(delivery, decisionOf(story)),
  );
  const inModeration = state === "held" && handler === "moderation";
  const sure = cause !== "outcome-unknown" && said.red !== true;
  const sentence = lacking(state, handler, cause, 1).replace(/^1 /, "");
  return (
    <section className={`open-problem ${state}`} role="alert" aria-label={`${handler}: ${title}`}>
      <h2>
        <Icon name={state === "dead" ? "attention" : "bars"} size={20} />
        {words.openTitle(sentence)}
      </h2>
      <p>
        <strong>{title}.</strong> {meaning(state, handler, cause, 1)}
      </p>
      {title !== cause && state === "dead" && cause !== "" && (
        <p className="small quiet mono-line">
          {texts.stuck.says} <bdi>{cause}</bdi>
        </p>
      )}
      {cause === "not-confirmed" && (
        <WithheldShown result={delivery.result} secretName={story.record.verdict?.secretName ?? null} />
      )}
      {todo !== null && (
        <ol className="steps">
          {todo.split(/(?<=\.) (?=[A-Z])/).map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      )}
      <div className="open-acts">
        {inModeration ? (
          <Button component={Link} to={paths.heldPictures} variant="default">
            {texts.stuck.decide}
          </Button>
        ) : (
          story.record.erasedAt === null && (
            <>
              <ActButton
                className="wrapping"
                variant={said.red ? "light" : sure ? "filled" : "default"}
                {...(said.red && { color: "red" })}
                onClick={() => replay(handler)}
              >
                {said.again}…
              </ActButton>
              <ActButton
                className="wrapping"
                variant="default"
                onClick={() =>
                  setBatch({
                    clouds: [],
                    act: "discard",
                    state,
                    handler,
                    cause: lastError,
                    count: 1,
                    ids: [delivery.id],
                    filter: {},
                    endedBefore: new Date().toISOString(),
                  })
                }
              >
                {said.leave}…
              </ActButton>
            </>
          )
        )}
        <span className="small quiet">
          <When at={settledAt} /> · <Link to={paths.attention}>{words.sameCause}</Link>
        </span>
      </div>
      {batch && <BatchDialog batch={batch} close={() => setBatch(null)} />}
    </section>
  );
}
