import { Anchor } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { withoutPrefix } from "../../../../lib/shared/asset-prefix.ts";
import { own } from "../../../../lib/shared/own.ts";
import { Copyable, FactList } from "../../parts/fact-list.tsx";
import { OutcomeLine } from "../../parts/outcome-line.tsx";
import { Section } from "../../parts/section.tsx";
import { Sku } from "../../parts/tag.tsx";
import { When } from "../../parts/when.tsx";
import { paths } from "../../paths.ts";
import { texts } from "../../texts.ts";
import type { Story } from "./story.ts";

const words = texts.record;

/** Facts beside the story: the product, the picture, its other notifications. */
export function Side({ story, children }: { story: Story; children?: ReactNode }) {
  const { record, shown, described, asset, standing, assetLink } = story;
  const assetId = record.assetId && withoutPrefix(record.assetId);
  const seen = (
    <>
      {record.timesSeen}, <When at={record.lastSeenAt} />
    </>
  );
  return (
    <div className="record-side">
      {described.skus.length > 0 && (
        <Section title={words.products(described.skus.length)}>
          <ul className="plain-list">
            {described.skus.map((sku) => (
              <li key={sku}>
                <Link to={paths.product(sku)}>
                  <Sku>{sku}</Sku>
                </Link>
              </li>
            ))}
          </ul>
        </Section>
      )}
      <Section
        title={record.assetId === null && record.publicId === null ? words.facts : words.thisAsset}
        aside={
          assetLink !== null && (
            <Anchor href={assetLink} target="_blank" rel="noreferrer noopener" size="sm">
              {words.mediaLibraryShort}
            </Anchor>
          )
        }
      >
        <FactList
          facts={[
            [words.file, described.fileName],
            [
              words.publicIdFact,
              record.publicId && <Copyable value={record.publicId} of={words.publicIdFact} />,
            ],
            [words.version, record.version && <VersionDate version={record.version} />],
            [words.asset, assetId && <Copyable value={assetId} of={words.asset} />],
            [
              texts.productsActs.uploader,
              record.byPublicHook || standing?.byVisitor ? texts.productsActs.byVisitor : null,
            ],
            [words.seenBy, described.restricted ? texts.board.restricted : null],
            [words.triggered, shown.triggeredBy],
            [words.seen, record.timesSeen > 1 ? seen : null],
            [words.path, record.unexpectedFor && words.unexpected(record.unexpectedFor)],
            [
              words.clamped,
              shown.clamped.length > 0 ? <code key="clamped">{shown.clamped.join(", ")}</code> : null,
            ],
            [words.request, record.requestId && <Copyable value={record.requestId} of={words.request} />],
            ...shown.decisions.map(
              ({ kind, status, at }) =>
                [
                  own(texts.board.kind, kind) ?? kind,
                  <>
                    {own(texts.board.status, status) ?? status}
                    {at !== null && (
                      <span className="quiet">
                        , <When at={at} />
                      </span>
                    )}
                  </>,
                ] as const,
            ),
          ]}
        />
        {children}
      </Section>
      {asset.length > 1 && (
        <Section
          title={words.others}
          aside={
            record.assetId !== null && (
              <Link to={paths.ofAsset(record.assetId)} className="small">
                {words.allOthers}
              </Link>
            )
          }
        >
          <ol className="others">
            {asset.map((one) => (
              <li key={one.id} aria-current={one.id === record.id ? "true" : undefined}>
                <div>
                  {one.id === record.id ? (
                    <strong>
                      {one.type} <span className="quiet">({words.here})</span>
                    </strong>
                  ) : (
                    <Link to={paths.record(one.id)}>{one.type}</Link>
                  )}{" "}
                  <span className="small quiet">
                    <When at={one.receivedAt} as="short" />
                  </span>
                </div>
                {one.id !== record.id && <OutcomeLine outcome={one.outcome} />}
              </li>
            ))}
          </ol>
        </Section>
      )}
    </div>
  );
}

/** Cloudinary's versions are seconds since 1970. */
function VersionDate({ version }: { version: number }) {
  const at = new Date(version * 1_000);
  const isDate = version > 1_000_000_000 && version < 10_000_000_000;
  return (
    <>
      {isDate && <When at={at.toISOString()} exact />} <span className="quiet mono">v{version}</span>
    </>
  );
}
