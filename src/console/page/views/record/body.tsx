import { Button, CopyButton, Group, SegmentedControl, Text } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { parseExact } from "../../../../lib/notifications/big-numbers.ts";
import { JsonShown } from "../../parts/json-shown.tsx";
import { Loaded } from "../../parts/problem.tsx";
import { RawText } from "../../parts/raw-text.tsx";
import { sizeOf } from "../../parts/size.ts";
import { useIsLocalStack, useMayAct } from "../../session.ts";
import { texts } from "../../texts.ts";
import { sendCommand } from "./send-command.ts";
import { recordedUrl, type ShownBody, useBody } from "./story.ts";

const words = texts.record;
const EditDialog = lazy(async () => ({ default: (await import("./edit-dialog.tsx")).EditDialog }));

export function Body({ id, bytesName }: { id: string; bytesName: string }) {
  const body = useBody(id);
  return (
    <Loaded query={body}>
      {(data) => (
        <>
          <Group gap="xs" mb="xs" justify="space-between">
            <Text size="xs" className="quiet">
              {sizeOf(data.bytes)}
            </Text>
            <Tools id={id} body={data} bytesName={bytesName} />
          </Group>
          <Content body={data} />
        </>
      )}
    </Loaded>
  );
}

function Content({ body }: { body: ShownBody }) {
  const [view, setView] = useState("pretty");
  return (
    <>
      {body.kind === "json" && (
        <SegmentedControl
          size="xs"
          mb="xs"
          value={view}
          onChange={setView}
          aria-label={words.body}
          data={[
            { value: "pretty", label: words.pretty },
            { value: "raw", label: words.raw },
          ]}
        />
      )}
      {body.kind === "binary" && <p className="note small">{words.hex}</p>}
      {body.cut && body.kind !== "binary" && (
        <p className="note small">{words.cut(sizeOf(body.shown.length), sizeOf(body.bytes))}</p>
      )}
      {body.masked && <p className="note small">{words.masked}</p>}
      {body.kind === "json" && view === "pretty" ? (
        // Numbers beyond 2^53 would be rounded, so they are shown as text.
        <JsonShown value={parseExact(body.shown)} label={words.body} />
      ) : (
        <RawText text={body.shown} label={words.raw} lines={body.kind === "binary"} />
      )}
    </>
  );
}

function Tools({ id, body, bytesName }: { id: string; body: ShownBody; bytesName: string }) {
  const mayAct = useMayAct();
  const isLocalStack = useIsLocalStack();
  const [isCopied, setCopied] = useState(false);
  const [isEditing, setEditing] = useState(false);
  return (
    <Group gap="xs">
      <CopyButton value={body.shown}>
        {({ copied, copy }) => (
          <Button variant="default" size="compact-sm" onClick={copy}>
            {copied ? texts.copied : words.copyBody}
          </Button>
        )}
      </CopyButton>
      {mayAct && isLocalStack && body.kind !== "binary" && (
        <Button variant="default" size="compact-sm" onClick={() => setEditing(true)}>
          {words.edit.button}
        </Button>
      )}
      {isEditing && (
        <Suspense fallback={null}>
          <EditDialog id={id} close={() => setEditing(false)} />
        </Suspense>
      )}
      {mayAct && (
        <>
          <Button
            component="a"
            variant="default"
            size="compact-sm"
            href={recordedUrl(id)}
            download={bytesName}
          >
            {words.download}
          </Button>
          <Button
            variant="default"
            size="compact-sm"
            title={words.sendAgainHint}
            onClick={async () => setCopied(await copyCommand(id, bytesName))}
          >
            {isCopied ? texts.copied : words.sendAgain}
          </Button>
        </>
      )}
    </Group>
  );
}

/** Puts the command that sends the exact bytes again on the clipboard; false if they could not be read. */
export async function copyCommand(id: string, bytesName: string): Promise<boolean> {
  const response = await fetch(recordedUrl(id));
  if (!response.ok) return false;
  const bytes = new Uint8Array(await response.arrayBuffer());
  await navigator.clipboard.writeText(sendCommand(bytes, { file: bytesName, url: window.location.origin }));
  return true;
}
