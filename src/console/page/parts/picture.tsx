import { useState } from "react";
import { texts } from "../texts.ts";
import { Icon, type IconName } from "./icon.tsx";

interface PictureProps {
  src: string | null;
  alt: string;
  /** `dense` 36, `small` 44, `head` 112 pixels; `large` fills its place. */
  size?: "dense" | "small" | "head" | "large";
  /** The sign in place of a picture that is not there. */
  sign?: IconName;
}

/** A picture (decorative if `alt` is empty) with a placeholder if it cannot be loaded: it may be deleted, private, or on a host that the content security policy does not allow. */
export function Picture({ src, alt, size = "small", sign = "file" }: PictureProps) {
  const [failed, setFailed] = useState<string | null>(null);
  if (src === null || failed === src) {
    const name =
      alt === "" ? { "aria-hidden": true } : { role: "img", "aria-label": `${alt} (${texts.notShown})` };
    return (
      <span className={`picture ${size} absent`} {...name}>
        <Icon name={sign} />
        {size === "large" && <span aria-hidden="true">{texts.notShown}</span>}
      </span>
    );
  }
  return (
    <span className={`picture ${size}`}>
      <img
        src={src}
        alt={alt}
        loading="lazy"
        decoding="async"
        referrerPolicy="no-referrer"
        onError={() => setFailed(src)}
      />
    </span>
  );
}

/** The first pictures of several, one on the other. */
export function PictureStack({ pictures }: { pictures: readonly string[] }) {
  return (
    <span className="picture-stack" aria-hidden="true">
      {pictures
        .slice(0, 2)
        .toReversed()
        .map((src) => (
          <Picture key={src} src={src} alt="" />
        ))}
    </span>
  );
}
