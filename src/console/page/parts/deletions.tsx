import { Alert, Button } from "@mantine/core";
import type { InferResponseType } from "hono/client";
import { useState } from "react";
import type { api } from "../api.ts";
import { useMayAct } from "../session.ts";
import { texts } from "../texts.ts";
import { useBlur } from "./blur.ts";
import { Picture } from "./picture.tsx";

export type Deletion = InferResponseType<typeof api.stuck.deletions.$get, 200>["deletions"][number];

/** The pictures that an action deletes, with their names. `among`: the action also does other things. */
export function Deletions({ deletions, among }: { deletions: readonly Deletion[]; among?: boolean }) {
  const words = texts.deletions;
  const mayAct = useMayAct();
  const [isBlurred] = useBlur();
  const [isRevealed, setRevealed] = useState(false);
  const hides = isBlurred && !isRevealed;
  return (
    <Alert color="red" title={among ? words.among(deletions.length) : words.title}>
      <p className="small">{words.lead}</p>
      {hides && (
        <Button size="compact-sm" variant="default" onClick={() => setRevealed(true)}>
          {deletions.length === 1 ? texts.board.reveal : texts.board.revealAll}
        </Button>
      )}
      <ul className="deletions" data-blurred={hides || undefined}>
        {deletions.map((deletion) => (
          <li key={deletion.id}>
            <Picture src={sourceOf(deletion, mayAct)} alt="" />
            <bdi className="name">{deletion.publicId ?? words.unnamed}</bdi>
          </li>
        ))}
      </ul>
    </Alert>
  );
}

/** Cloudinary may not deliver rejected pictures: operators see them through a signed URL. */
function sourceOf({ picture, assetId, version }: Deletion, mayAct: boolean): string | null {
  if (picture.by !== "none" && mayAct && assetId !== null && version !== null)
    return `/api/moderation/picture?assetId=${encodeURIComponent(assetId)}&version=${version}`;
  return picture.by === "url" ? picture.url : null;
}
