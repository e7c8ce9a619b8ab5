import { useQuery } from "@tanstack/react-query";
import { answer, api } from "../../api.ts";
import { Section } from "../../parts/section.tsx";
import { texts } from "../../texts.ts";
import type { Story } from "../record/story.ts";
import { FaceBoxes, problemText } from "./boxes.tsx";

const words = texts.faces;

/** The people in the asset of a notification; nothing if the handler `faces` had nothing to do with it. */
export function RecordFaces({ story: { record } }: { story: Story }) {
  const isAbout = record.deliveries.some(({ handler }) => handler.startsWith("faces:"));
  return isAbout && record.assetId !== null ? (
    <FacesOfAsset assetId={record.assetId} name={record.publicId ?? ""} />
  ) : null;
}

function FacesOfAsset({ assetId, name }: { assetId: string; name: string }) {
  const { data } = useQuery({
    queryKey: ["faces", assetId],
    queryFn: () => answer(api.faces.asset.$get({ query: { assetId } })),
  });
  if (!data || (data.picture === null && data.training === null)) return null;
  const { picture, training } = data;
  return (
    <Section title={words.inPicture}>
      {training && (
        <p className="small">
          {training.name === null ? words.trainingOfNobody : words.trainingOf(training.name)}
          {training.problem !== null && `: ${problemText(training.problem)}`}
        </p>
      )}
      {picture?.state === "unreadable" && <p className="small">{problemText(picture.problem)}</p>}
      {picture?.state === "pending" && <p className="quiet small">{words.pending}</p>}
      {picture && picture.state !== "unreadable" && (
        <FaceBoxes url={picture.secureUrl} alt={name} faces={picture.faces} />
      )}
    </Section>
  );
}
