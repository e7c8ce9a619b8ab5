import { Anchor, List } from "@mantine/core";
import { Picture } from "../../parts/picture.tsx";
import { Section } from "../../parts/section.tsx";
import { texts } from "../../texts.ts";
import type { Story } from "./story.ts";

const words = texts.record;

/** The pictures of a notification: the asset, derived pictures, frames of a sprite or a multi-page file, a video. */
export function Pictures({ shown }: { shown: Story["shown"] }) {
  const { pictures, links, failures } = shown;
  if (pictures.length + links.length + failures.length === 0) return null;
  return (
    <Section title={words.pictures}>
      <ul className="pictures">
        {pictures.map((picture, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: frames may repeat, and their order never changes.
          <li key={index}>
            <figure>
              {picture.kind === "video" ? (
                <video
                  src={picture.url}
                  controls
                  preload="metadata"
                  {...(picture.small && { poster: picture.small })}
                />
              ) : (
                <Picture src={picture.small} alt={picture.label} size="large" />
              )}
              <figcaption>
                <Anchor href={picture.url} target="_blank" rel="noreferrer noopener" size="xs">
                  <bdi>{picture.label}</bdi>
                </Anchor>
                {picture.width !== null && (
                  <span className="quiet small">
                    {picture.width} × {picture.height ?? "?"}
                  </span>
                )}
              </figcaption>
            </figure>
          </li>
        ))}
      </ul>
      {links.length > 0 && (
        <p className="small">
          {words.links}:{" "}
          {links.map(({ label, url }) => (
            <Anchor key={label} href={url} target="_blank" rel="noreferrer noopener" size="sm" mr="sm">
              {label}
            </Anchor>
          ))}
        </p>
      )}
      {failures.length > 0 && (
        <List size="sm">
          {failures.map(({ transformation, reason }) => (
            <List.Item key={transformation}>
              {words.failures}: <code>{transformation}</code>: {reason}
            </List.Item>
          ))}
        </List>
      )}
    </Section>
  );
}
