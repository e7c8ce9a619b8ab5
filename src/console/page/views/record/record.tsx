import { Alert, Button, List, Menu, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { own } from "../../../../lib/shared/own.ts";
import { sampleSecretName } from "../../../shared/samples.ts";
import { useKeys } from "../../keys.ts";
import { ActButton } from "../../parts/act-button.tsx";
import { EraseDialog } from "../../parts/erase-dialog.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Picture } from "../../parts/picture.tsx";
import { Loaded } from "../../parts/problem.tsx";
import { ReplayDialog } from "../../parts/replay-dialog.tsx";
import { Sku, Tag } from "../../parts/tag.tsx";
import { ViewTitle } from "../../parts/title.tsx";
import { Toast, type Told } from "../../parts/toast.tsx";
import { When } from "../../parts/when.tsx";
import { paths } from "../../paths.ts";
import { useMayAct } from "../../session.ts";
import { againAll } from "../../texts/handlers.ts";
import { texts } from "../../texts.ts";
import { RecordFaces } from "../faces/record-faces.tsx";
import { useListContext } from "../list-context.ts";
import { copyCommand } from "./body.tsx";
import { DetailTabs } from "./detail-tabs.tsx";
import { OpenProblems } from "./open-problems.tsx";
import { Pictures } from "./pictures.tsx";
import { ProductsActs, ResetAsset } from "./products-acts.tsx";
import { Side } from "./side.tsx";
import { decisionOf, failedOf, recordedUrl, type Story, useStory } from "./story.ts";
import { WhatHappened } from "./what-happened.tsx";

const words = texts.record;

/** One notification: what happened, the outcome, and what is left to do. */
export function RecordView({ id }: { id: string }) {
  const story = useStory(id);
  return (
    <>
      <Crumb id={id} />
      {!story.data && <ViewTitle text={words.title} />}
      <Loaded query={story} what={words.thisOne}>
        {(data) => <Whole story={data} />}
      </Loaded>
    </>
  );
}

/** Where it was opened from, and the ones before and after it there. */
function Crumb({ id }: { id: string }) {
  const { ids, address } = useListContext();
  const [, go] = useLocation();
  const at = ids.indexOf(id);
  const to = (step: 1 | -1) => {
    const next = at === -1 ? undefined : ids[at + step];
    if (next !== undefined) go(paths.record(next));
  };
  useKeys({ j: () => to(1), k: () => to(-1) });
  return (
    <nav className="crumb" aria-label={words.where}>
      <Link to={address}>{words.back}</Link>
      <Icon name="forward" size={12} />
      <span className="quiet">{words.title}</span>
      {at !== -1 && (
        <span className="crumb-steps">
          <span className="quiet">{words.position(at + 1, ids.length)}</span>
          <UnstyledButton
            className="icon-button slim"
            disabled={at === 0}
            onClick={() => to(-1)}
            aria-label={words.previous}
          >
            <Icon name="up" />
          </UnstyledButton>
          <UnstyledButton
            className="icon-button slim"
            disabled={at === ids.length - 1}
            onClick={() => to(1)}
            aria-label={words.next}
          >
            <Icon name="down" />
          </UnstyledButton>
        </span>
      )}
    </nav>
  );
}

function Whole({ story }: { story: Story }) {
  const { record, shown, missing, described } = story;
  /** undefined: no dialog; null: all handlers. */
  const [replaying, setReplaying] = useState<string | null | undefined>(undefined);
  const [erasing, setErasing] = useState(false);
  const [told, setTold] = useState<Told | null>(null);
  const erased = record.erasedAt !== null;
  const mayAct = useMayAct();
  const handlers = [...new Set([...record.deliveries.map(({ handler }) => handler), ...missing])];
  const asked = record.deliveries.find(({ handler }) => handler === replaying);
  const failed = asked && failedOf(asked, decisionOf(story));
  const copyLink = async () => {
    await navigator.clipboard.writeText(`${window.location.origin}${paths.record(record.id)}`);
    setTold({ text: words.linkCopied });
  };
  useKeys({
    c: () => void copyLink(),
    ...(mayAct && !erased && handlers.length > 0 && { r: () => setReplaying(null) }),
  });
  const title = titleOf(story);
  return (
    <>
      <header className="record-head">
        <Picture
          src={described.thumbnail}
          alt=""
          size="head"
          sign={described.restricted ? "lock" : described.resourceType === "video" ? "play" : "file"}
        />
        <div className="record-title">
          <ViewTitle text={title}>
            <bdi>{title}</bdi>
          </ViewTitle>
          <p className="facts-line quiet">
            {described.skus.map((sku) => (
              <Link key={sku} to={paths.product(sku)} className="plain">
                <Sku>{sku}</Sku>
              </Link>
            ))}
            <code className="type">{record.type}</code>
            <When at={record.receivedAt} as="exact" />
            {record.cloud !== null && <span>{record.cloud}</span>}
            {described.restricted && <Tag tone="locked">{texts.board.restricted}</Tag>}
            {record.verdict?.secretName === sampleSecretName && (
              <Tag tone="quiet" icon="play">
                {texts.inbox.sample}
              </Tag>
            )}
            {record.byPublicHook && (
              <Tag tone="quiet" icon="people">
                {texts.inbox.byVisitor}
              </Tag>
            )}
          </p>
        </div>
        <div className="record-acts">
          <Button variant="default" leftSection={<Icon name="copy" />} onClick={() => void copyLink()}>
            {words.copyLink}
          </Button>
          <RecordMenu
            story={story}
            handlers={handlers}
            replay={() => setReplaying(null)}
            erase={() => setErasing(true)}
            tell={setTold}
          />
        </div>
      </header>
      {record.erasedAt !== null && (
        <Alert color="gray" mb="md" title={texts.erase.erased}>
          <When at={record.erasedAt} exact />. {texts.erase.erasedLead}
        </Alert>
      )}
      <div className="columns">
        <div className="record-main">
          {!erased && <Unusual story={story} />}
          <OpenProblems story={story} replay={setReplaying} />
          <ProductsActs story={story} />
          <WhatHappened story={story} />
          {missing.length > 0 && !erased && (
            <Alert color="gray" mb="md" title={words.missing(missing.join(", "))}>
              <ActButton size="xs" variant="default" className="wrapping" onClick={() => setReplaying(null)}>
                {againAll(handlers)}…
              </ActButton>
            </Alert>
          )}
          <Pictures shown={shown} />
          <RecordFaces story={story} />
          <DetailTabs story={story} />
        </div>
        <Side story={story}>
          <ResetAsset story={story} />
        </Side>
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
      <Toast told={told} close={() => setTold(null)} />
    </>
  );
}

/** The notification in a sentence: "Oak chair: 2 formats are ready". */
export function titleOf({ record, described, shown }: Story): string {
  const { name, happened } = described;
  if (name !== null) return `${name}: ${happened.charAt(0).toLowerCase()}${happened.slice(1)}`;
  if (happened !== "") return happened;
  return shown.assets > 1 ? texts.inbox.assets(shown.assets) : record.type;
}

/** What is unusual about the body itself. */
function Unusual({ story: { shown } }: { story: Story }) {
  return (
    <>
      {shown.problems.length > 0 && (
        <Alert color="orange" mb="md" title={words.problems}>
          <List size="sm">
            {shown.problems.map((problem) => (
              <List.Item key={problem}>{own(texts.unreadable, problem) ?? problem}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      {shown.reason !== null && (
        <Alert color="red" mb="md" title={words.reason}>
          <bdi>{shown.reason}</bdi>
        </Alert>
      )}
    </>
  );
}

interface RecordMenuProps {
  story: Story;
  handlers: readonly string[];
  replay: () => void;
  erase: () => void;
  tell: (told: Told) => void;
}

function RecordMenu({ story: { record, assetLink }, handlers, replay, erase, tell }: RecordMenuProps) {
  const mayAct = useMayAct();
  const erased = record.erasedAt !== null;
  const bytesName = `notification-${record.id}.json`;
  if (!mayAct && assetLink === null) return null;
  return (
    <Menu position="bottom-end" width={270} withinPortal={false}>
      <Menu.Target>
        <UnstyledButton className="icon-button slim" aria-label={words.more}>
          <Icon name="dots" />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {mayAct && !erased && handlers.length > 0 && (
          <Menu.Item leftSection={<Icon name="retry" />} onClick={replay}>
            {againAll(handlers)}…
          </Menu.Item>
        )}
        {assetLink !== null && (
          <Menu.Item
            component="a"
            href={assetLink}
            target="_blank"
            rel="noreferrer noopener"
            leftSection={<Icon name="open" />}
          >
            {words.mediaLibrary}
          </Menu.Item>
        )}
        {mayAct && !erased && (
          <>
            <Menu.Item
              leftSection={<Icon name="copy" />}
              onClick={async () => {
                if (await copyCommand(record.id, bytesName)) tell({ text: words.commandCopied });
              }}
            >
              {words.sendAgain}
            </Menu.Item>
            <Menu.Item
              component="a"
              href={recordedUrl(record.id)}
              download={bytesName}
              leftSection={<Icon name="file" />}
            >
              {words.downloadBody}
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item className="danger" leftSection={<Icon name="trash" />} onClick={erase}>
              {texts.erase.button}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
