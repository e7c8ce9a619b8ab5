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
      {asset.map((notification) => (
        <li key={notification.id} aria-current={notification.id === here ? "true" : undefined}>
          <span className="quiet small">
            <When at={notification.receivedAt} />
          </span>{" "}
          {notification.id === here ? (
            <strong>
              {notification.type} ({texts.record.here})
            </strong>
          ) : (
            <Link to={paths.record(notification.id)}>{notification.type}</Link>
          )}
          {notification.version !== null && <span className="quiet small"> v{notification.version}</span>}{" "}
          <span className="states">
            <States deliveries={notification.deliveries} />
          </span>
        </li>
      ))}
    </ol>
  );
}
