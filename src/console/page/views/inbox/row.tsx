import { Link } from "wouter";
import { sampleSecretName } from "../../../shared/samples.ts";
import { withheldBy } from "../../../shared/withheld.ts";
import { CloudName } from "../../parts/cloud.tsx";
import { OutcomeLine } from "../../parts/outcome-line.tsx";
import { Picture, PictureStack } from "../../parts/picture.tsx";
import { Sku, Tag } from "../../parts/tag.tsx";
import { When } from "../../parts/when.tsx";
import { paths } from "../../paths.ts";
import { texts } from "../../texts.ts";
import type { Listed } from "./listed.ts";

const words = texts.inbox;
const maxSkus = 2;

interface InboxRowProps {
  row: Listed;
  arrived: boolean;
}

/** One notification: picture, name, SKU, then what happened in words, and the outcome. */
export function InboxRow({ row, arrived }: InboxRowProps) {
  const { name, skus, happened, publicId, thumbnail, thumbnails, type, restricted, resourceType } = row;
  const shown = name ?? happened;
  const second = name === null ? type : happened;
  return (
    <li className="inbox-row" data-arrived={arrived || undefined} data-notification={row.id}>
      <span className="inbox-picture">
        {thumbnails.length > 1 ? (
          <PictureStack pictures={thumbnails.map(({ small }) => small)} />
        ) : (
          <Picture
            src={thumbnail}
            alt=""
            sign={resourceType === "video" ? "play" : restricted ? "lock" : "file"}
          />
        )}
      </span>
      <div className="inbox-name">
        <Link to={paths.record(row.id)} className="row-link">
          <bdi className="name">{shown}</bdi>
        </Link>{" "}
        {skus.slice(0, maxSkus).map((sku) => (
          <Sku key={sku}>{sku}</Sku>
        ))}
        {skus.length > maxSkus && <span className="quiet small"> +{skus.length - maxSkus}</span>}
        <div className="small quiet inbox-second">
          <span>{second}</span>
          {publicId !== null && publicId !== shown && (
            <bdi className={`mono ${skus.length > 0 ? "wide-only" : ""}`}>{publicId}</bdi>
          )}
        </div>
        <Odd row={row} />
      </div>
      <div className="inbox-outcome">
        <OutcomeLine outcome={row.outcome} />
      </div>
      <div className="inbox-when small quiet">
        <When at={row.receivedAt} as="short" />
        <CloudName cloud={row.cloud} />
      </div>
    </li>
  );
}

/** What is said only where it is unusual. */
function Odd({ row }: { row: Listed }) {
  const withheld = row.deliveries.find((delivery) => delivery.withheld !== null)?.withheld ?? undefined;
  return (
    <>
      {row.secretName === sampleSecretName && (
        <Tag tone="quiet" icon="play">
          {words.sample}
        </Tag>
      )}
      {row.byPublicHook && (
        <Tag tone="quiet" icon="people">
          {words.byVisitor}
        </Tag>
      )}
      {withheld !== undefined && <Tag tone="warn">{texts.withheld.inList[withheldBy(withheld)]}</Tag>}
      {row.restricted && <Tag tone="locked">{texts.board.restricted}</Tag>}
      {row.unexpectedFor !== null && (
        <span className="small quiet">{words.unexpected(row.unexpectedFor)} </span>
      )}
      {row.secretName === null && <span className="small quiet">{words.reconciled} </span>}
      {row.timesSeen > 1 && <span className="small quiet">{words.seen(row.timesSeen)}</span>}
    </>
  );
}
