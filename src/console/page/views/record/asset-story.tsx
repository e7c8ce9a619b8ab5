import { Link } from "wouter";
import { States } from "../../parts/state.tsx";
import { When } from "../../parts/when.tsx";
import { paths } from "../../paths.ts";
import { texts } from "../../texts.ts";
import type { Story } from "./story.ts";

/** The notifications about the same asset, newest first. */
export function AssetStory({ asset, here }: { asset: Story["asset"]; here: string }) {
  return (
    <ol className="story">
      {asset.map((one) => (
        <li key={one.id} aria-current={one.id === here ? "true" : undefined}>
          <span className="quiet small">
            <When at={one.receivedAt} />
          </span>{" "}
          {one.id === here ? (
            <strong>
              {one.type} ({texts.record.here})
            </strong>
          ) : (
            <Link to={paths.record(one.id)}>{one.type}</Link>
          )}
          {one.version !== null && <span className="quiet small"> v{one.version}</span>}{" "}
          <span className="states">
            <States deliveries={one.deliveries} />
          </span>
        </li>
      ))}
    </ol>
  );
}
