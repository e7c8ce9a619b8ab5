import { Alert, Group, List } from "@mantine/core";
import { useState } from "react";
import { Link } from "wouter";
import { own } from "../../../../lib/shared/own.ts";
import { useKeys } from "../../keys.ts";
import { ActButton } from "../../parts/act-button.tsx";
import { EraseDialog } from "../../parts/erase-dialog.tsx";
import { Loaded } from "../../parts/problem.tsx";
import { ReplayDialog } from "../../parts/replay-dialog.tsx";
import { Section } from "../../parts/section.tsx";
import { ViewTitle } from "../../parts/title.tsx";
import { When } from "../../parts/when.tsx";
import { paths } from "../../paths.ts";
import { useMayAct } from "../../session.ts";
import { againAll } from "../../texts/handlers.ts";
import { texts } from "../../texts.ts";
import { RecordFaces } from "../faces/record-faces.tsx";
import { AssetStory } from "./asset-story.tsx";
import { Body } from "./body.tsx";
import { Deliveries, decisionOf, failedOf } from "./deliveries.tsx";
import { Facts, Headers, Verdict } from "./facts.tsx";
import { OperatorActs } from "./operator-acts.tsx";
import { Pictures } from "./pictures.tsx";
import { ProductsActs, ResetAsset } from "./products-acts.tsx";
import { type Story, useStory } from "./story.ts";

const words = texts.record;

/** One notification: its content, its verification and its deliveries. */
export function RecordView({ id }: { id: string }) {
  const story = useStory(id);
  return (
    <>
      <p className="crumb">
        <Link to={paths.inbox}>{words.back}</Link>
      </p>
      {!story.data && <ViewTitle text={words.title} />}
      <Loaded query={story}>{(data) => <Whole story={data} />}</Loaded>
    </>
  );
}

function Whole({ story }: { story: Story }) {
  const { record, shown, missing } = story;
  /** undefined: no dialog; null: all handlers. */
  const [replaying, setReplaying] = useState<string | null | undefined>(undefined);
  const [erasing, setErasing] = useState(false);
  const erased = record.erasedAt !== null;
  const mayAct = useMayAct();
  const handlers = [...new Set([...record.deliveries.map(({ handler }) => handler), ...missing])];
  const asked = record.deliveries.find(({ handler }) => handler === replaying);
  const failed = asked && failedOf(asked, decisionOf(story));
  useKeys(mayAct && !erased ? { r: () => setReplaying(null) } : {});
  const name =
    record.publicId ?? (shown.assets > 1 ? texts.inbox.assets(shown.assets) : record.id.slice(0, 8));
  return (
    <>
      <ViewTitle
        text={`${record.type} ${name}`}
        aside={
          <Group gap="xs">
            {!erased && (
              <>
                <ActButton size="xs" variant="default" onClick={() => setErasing(true)}>
                  {texts.erase.button}
                </ActButton>
                <ActButton
                  size="xs"
                  className="wrapping"
                  disabled={handlers.length === 0}
                  onClick={() => setReplaying(null)}
                >
                  {againAll(handlers)}…
                </ActButton>
              </>
            )}
          </Group>
        }
      >
        <span className="type">{record.type}</span> <bdi className="name">{name}</bdi>
      </ViewTitle>
      {record.erasedAt !== null && (
        <Alert color="gray" mb="md" title={texts.erase.erased}>
          <When at={record.erasedAt} exact />. {texts.erase.erasedLead}
        </Alert>
      )}
      {!erased && shown.problems.length > 0 && (
        <Alert color="orange" mb="md" title={words.problems}>
          <List size="sm">
            {shown.problems.map((problem) => (
              <List.Item key={problem}>{own(texts.unreadable, problem) ?? problem}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      {!erased && shown.reason !== null && (
        <Alert color="red" mb="md" title={words.reason}>
          <bdi>{shown.reason}</bdi>
        </Alert>
      )}
      <ProductsActs story={story} />
      <div className="columns record">
        <div>
          <Section title={words.deliveries}>
            <Deliveries story={story} missing={missing} replay={setReplaying} />
          </Section>
          <Pictures shown={shown} />
          <RecordFaces story={story} />
        </div>
        <div className="record-side">
          <Section title={words.verdict}>
            <Verdict record={record} />
          </Section>
          <Section title={words.facts}>
            <Facts story={story} />
            <ResetAsset story={story} />
          </Section>
          <Section title={words.headers}>
            <Headers headers={record.headers} />
          </Section>
          {story.acts.length > 0 && (
            <Section title={words.acts}>
              <OperatorActs acts={story.acts} />
            </Section>
          )}
          {story.asset.length > 1 && (
            <Section title={words.story}>
              <AssetStory asset={story.asset} here={record.id} />
            </Section>
          )}
        </div>
        {!erased && (
          <Section title={words.body}>
            <Body id={record.id} bytesName={`notification-${record.id}.json`} />
          </Section>
        )}
      </div>
      {erasing && (
        <EraseDialog
          notificationId={record.id}
          namesAsset={record.assetId !== null || record.publicId !== null}
          close={() => setErasing(false)}
        />
      )}
      {replaying !== undefined && (
        <ReplayDialog
          notificationId={record.id}
          handler={replaying}
          handlers={handlers}
          cause={
            record.deliveries.find(({ handler, state }) => handler === replaying && state === "held")
              ?.lastError ?? null
          }
          failed={failed}
          decisionIds={record.deliveries
            .filter(
              ({ handler, state }) => handler === "moderation" && (state === "held" || state === "dead"),
            )
            .map(({ id }) => id)}
          close={() => setReplaying(undefined)}
        />
      )}
    </>
  );
}
