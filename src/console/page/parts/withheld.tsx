import { withheldIn } from "../../shared/withheld.ts";
import { texts } from "../texts.ts";

const words = texts.withheld;

/** Which action was withheld, whose signature did not suffice for it, what Cloudinary has, and what to do. */
export function WithheldShown({ result, secretName }: { result: unknown; secretName: string | null }) {
  const withheld = withheldIn(result);
  if (withheld === null) return null;
  return (
    <div className="withheld small">
      <p>
        <strong>{words.title[withheld.does]}</strong> {words.signedBy(secretName)}{" "}
        {words.cloudinary(withheld.cloudinary)}
      </p>
      <p>{words.toDo[withheld.does]}</p>
    </div>
  );
}
