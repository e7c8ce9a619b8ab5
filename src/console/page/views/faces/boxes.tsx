import type { InferResponseType } from "hono/client";
import { useState } from "react";
import { own } from "../../../../lib/shared/own.ts";
import type { api } from "../../api.ts";
import { texts } from "../../texts.ts";

const words = texts.faces;

export type FacesOfAsset = InferResponseType<typeof api.faces.asset.$get, 200>;
export type ShownFace = NonNullable<FacesOfAsset["picture"]>["faces"][number];

/** A picture with a numbered box around each face, and what was found out about each of them. */
export function FaceBoxes({
  url,
  alt,
  faces,
}: {
  url: string | null;
  alt: string;
  faces: readonly ShownFace[];
}) {
  return (
    <div className="faces">
      <Boxed url={url} alt={alt} faces={faces} />
      <FaceList faces={faces} />
    </div>
  );
}

function Boxed({ url, alt, faces }: { url: string | null; alt: string; faces: readonly ShownFace[] }) {
  const [failed, setFailed] = useState(false);
  if (url === null || failed) return <p className="quiet small">{words.notShown}</p>;
  return (
    <div className="faces-picture">
      <img
        src={url}
        alt={alt}
        referrerPolicy="no-referrer"
        decoding="async"
        onError={() => setFailed(true)}
      />
      {faces.map(({ box, outcome }, at) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: the faces of a picture keep their order.
          key={at}
          className="faces-box"
          data-outcome={outcome}
          aria-hidden="true"
          // Set by script, which the content security policy allows.
          style={{
            left: percent(box.left),
            top: percent(box.top),
            width: percent(box.width),
            height: percent(box.height),
          }}
        >
          <span>{at + 1}</span>
        </span>
      ))}
    </div>
  );
}

/** The same in words, for everybody. */
export function FaceList({ faces }: { faces: readonly ShownFace[] }) {
  if (faces.length === 0) return <p className="quiet small">{words.noFaces}</p>;
  return (
    <ol className="faces-list" aria-label={words.inPicture}>
      {faces.map(({ name, outcome, similarity }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the faces of a picture keep their order.
        <li key={at}>
          <span className="faces-number" data-outcome={outcome}>
            {at + 1}
          </span>
          <span>
            {name === null ? (
              <span className="quiet">{own(words.outcomes, outcome) ?? outcome}</span>
            ) : (
              <strong>
                <bdi>{name}</bdi>
              </strong>
            )}{" "}
            {similarity !== null && <span className="quiet small">{words.similarity(similarity)}</span>}
          </span>
        </li>
      ))}
    </ol>
  );
}

const percent = (ratio: number): string => `${Math.max(0, Math.min(1, ratio)) * 100}%`;

/** Why a picture was not used. */
export function problemText(problem: string | null): string {
  return problem === null ? "" : (own(words.problems, problem) ?? problem);
}
