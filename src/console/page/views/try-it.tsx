import { Button, Radio, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { handlerName } from "../../shared/outcome.ts";
import { type SampleKind, sampleKinds } from "../../shared/samples.ts";
import { answer, api } from "../api.ts";
import { ActButton } from "../parts/act-button.tsx";
import { Empty } from "../parts/empty.tsx";
import { Icon } from "../parts/icon.tsx";
import { Loaded, Problem } from "../parts/problem.tsx";
import { Section } from "../parts/section.tsx";
import { ViewTitle } from "../parts/title.tsx";
import { paths } from "../paths.ts";
import { queries } from "../queries.ts";
import { useMayAct } from "../session.ts";
import { texts } from "../texts.ts";
import { titleOf } from "./record/record.tsx";
import { useStory } from "./record/story.ts";
import { WhatHappened } from "./record/what-happened.tsx";

const words = texts.tryIt;

/** Sends a signed sample through the receiver and shows its story. */
export function TryIt() {
  const mayAct = useMayAct();
  const [kind, setKind] = useState<SampleKind>("upload");
  const sending = useMutation({
    mutationFn: () => answer(api.try.$post({ json: { kind } })),
    onSuccess: () => queries.invalidateQueries(),
  });
  return (
    <>
      <ViewTitle text={texts.pages.try} />
      <p className="view-lead">{mayAct ? words.lead : texts.problems["viewers-only-read"]}</p>
      {mayAct && (
        <div className="columns try">
          <div>
            {sending.data ? (
              <Sent id={sending.data.id} handlers={sending.data.handlers} />
            ) : (
              <section className="section">
                <Empty title={words.nothing} />
              </section>
            )}
          </div>
          <Section title={words.kind}>
            <Stack>
              <Radio.Group
                aria-label={words.kind}
                value={kind}
                onChange={(value) => setKind(sampleKinds.find((one) => one === value) ?? "upload")}
              >
                <Stack gap="sm">
                  {sampleKinds.map((one) => (
                    <Radio key={one} value={one} label={words.sampleNames[one]} />
                  ))}
                </Stack>
              </Radio.Group>
              {sending.error && <Problem error={sending.error} ofAct />}
              <ActButton
                leftSection={<Icon name="play" />}
                loading={sending.isPending}
                onClick={() => sending.mutate()}
              >
                {words.go}
              </ActButton>
              <p className="small quiet">
                {words.widget} <a href="/api/upload-widget">{texts.upload}</a>
              </p>
            </Stack>
          </Section>
        </div>
      )}
    </>
  );
}

function Sent({ id, handlers }: { id: string; handlers: readonly string[] }) {
  const story = useStory(id);
  return (
    <Loaded query={story} what={texts.record.thisOne}>
      {(data) => (
        <>
          <h2 className="sent-title">
            <bdi>{titleOf(data)}</bdi>
          </h2>
          <WhatHappened story={data} />
          <p>
            {handlers.length === 0
              ? words.wouldNot
              : words.would(handlers.map((handler) => handlerName(handler)).join(", "))}
          </p>
          <Button component={Link} to={paths.record(id)} variant="default">
            {words.open}
          </Button>
        </>
      )}
    </Loaded>
  );
}
