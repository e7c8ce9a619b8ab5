import { useState } from "react";
import { useMayAct } from "../../session.ts";
import { texts } from "../../texts.ts";
import type { Card } from "./cards.ts";

const words = texts.board;

interface JudgedPictureProps {
  card: Card;
  /** A tile shows the small picture, and no video plays there. */
  size: "tile" | "whole";
  /** Empty if the name appears next to it. */
  alt: string;
  blurred?: boolean;
}

/** The picture under review: never cropped, with a chequered background if transparent. If it cannot be shown, the reason appears. */
export function JudgedPicture({ card, size, alt, blurred = false }: JudgedPictureProps) {
  const mayAct = useMayAct();
  const sources = sourcesOf(card, { size, mayAct });
  const [failed, setFailed] = useState(0);
  const source = sources[failed];
  if (source === undefined) return <NoPicture card={card} size={size} failed={sources.length > 0} />;
  const look = blurred ? "judged blurred" : "judged";
  const next = () => setFailed((count) => count + 1);
  if (card.resourceType === "video" && size === "whole")
    return (
      <video
        className={look}
        src={source}
        controls={!blurred}
        muted
        playsInline
        preload="metadata"
        aria-label={card.name}
        onError={next}
        {...(card.thumbnail !== null && { poster: card.thumbnail })}
      />
    );
  return (
    <img
      className={look}
      src={source}
      alt={alt}
      loading={size === "tile" ? "lazy" : "eager"}
      decoding="async"
      referrerPolicy="no-referrer"
      onError={next}
    />
  );
}

/** In the order of attempts. An account may not deliver rejected assets: operators see them through a signed URL. */
function sourcesOf(card: Card, { size, mayAct }: { size: "tile" | "whole"; mayAct: boolean }): string[] {
  const { assetId, version, picture, thumbnail, resourceType, status } = card;
  const small = thumbnail === null ? [] : [thumbnail];
  const open = picture.by === "url" ? [picture.url] : [];
  const isClip = resourceType === "video" && size === "tile";
  const signed =
    picture.by === "none" || isClip || !mayAct
      ? []
      : [`/api/moderation/picture?assetId=${encodeURIComponent(assetId)}&version=${version}`];
  if (isClip) return small;
  if (status === "rejected") return [...signed, ...open, ...small];
  return size === "tile" ? [...small, ...open, ...signed] : [...open, ...small, ...signed];
}

function NoPicture({ card, size, failed }: { card: Card; size: "tile" | "whole"; failed: boolean }) {
  const { picture, restricted, resourceType } = card;
  const locked = restricted && picture.by === "none";
  const why =
    picture.by === "none"
      ? words.noPicture[picture.reason]
      : resourceType === "video" && !failed
        ? words.playToSee
        : words.failedPicture;
  return (
    <span className="no-picture">
      {locked ? <LockSign /> : null}
      <span className={size === "tile" ? "small" : undefined}>
        {size === "tile" && locked ? words.restricted : why}
      </span>
    </span>
  );
}

/** A decorative padlock; the text next to it has the same meaning. */
export function LockSign() {
  return (
    <svg className="lock-sign" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d="M4 7V5a4 4 0 0 1 8 0v2h.5A1.5 1.5 0 0 1 14 8.500v5A1.500 1.500 0 0 1 12.500 15h-9A1.500 1.500 0 0 1 2 13.500v-5A1.500 1.500 0 0 1 3.500 7Zm1.500 0h5V5a2.500 2.500 0 0 0-5 0Z" />
    </svg>
  );
}
