import { useState } from "react";
import { texts } from "../texts.ts";

/** A picture (decorative if `alt` is empty) with a placeholder if it cannot be loaded: it may be deleted, private, or on a host that the content security policy does not allow. */
export function Picture({
  src,
  alt,
  size = "small",
}: {
  src: string | null;
  alt: string;
  size?: "small" | "large";
}) {
  const [failed, setFailed] = useState<string | null>(null);
  if (src === null || failed === src) {
    const name =
      alt === "" ? { "aria-hidden": true } : { role: "img", "aria-label": `${alt} (${texts.notShown})` };
    return (
      <span className={`picture ${size} absent`} {...name}>
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
