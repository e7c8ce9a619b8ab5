import { Fragment } from "react";
import { Link } from "wouter";
import { property } from "../../../../lib/shared/json.ts";
import { own } from "../../../../lib/shared/own.ts";
import { paths } from "../../paths.ts";
import { texts } from "../../texts.ts";

const words = texts.record;

interface ChangesProps {
  handler: string;
  result: unknown;
  /** The asset's name before. */
  publicId: string | null;
}

/** The changes that a handler reported: values before and after, if it knows both. */
export function Changes({ handler, result, publicId }: ChangesProps) {
  if (handler === "moderation") return <Decision result={result} publicId={publicId} />;
  const rows = handler === "pim" ? listOf(property(result, "assets")) : [];
  if (rows.length === 0) return null;
  return (
    <div className="changes">
      <span className="quiet">{words.changed}</span>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard. */}
      <ul tabIndex={0} aria-label={words.changed}>
        {rows.map((row, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a report never changes its order.
          <li key={index}>
            <strong>{own(words.change, text(row, "change")) ?? text(row, "change")}</strong>{" "}
            {text(row, "rendition")} {own(words.outcome, text(row, "outcome"))} {text(row, "failure")}{" "}
            <Steps row={row} />
            <Sku row={row} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Each value that changed. */
function Steps({ row }: { row: unknown }) {
  const was = property(row, "was");
  const put = text(row, "outcome") === "applied";
  return (
    <>
      {put && <Step what={words.ofVersion} before={text(row, "before")} after={text(row, "version")} />}
      {text(row, "to") !== "" && (
        <Step what={words.publicId} before={text(was, "publicId")} after={text(row, "to")} />
      )}
      {text(row, "change") !== "remove" && (
        <Step what={words.product} before={skusOf(was).join(", ")} after={skusOf(row).join(", ")} />
      )}
      <Step
        what={words.shownPictures}
        before={text(was, "pictures") || "0"}
        after={text(row, "pictures") || "0"}
      />
    </>
  );
}

function Step({ what, before, after }: { what: string; before: string; after: string }) {
  if (before === after) return null;
  return (
    <>
      <span className="step quiet">
        {what} <bdi>{before || words.nothing}</bdi> → <bdi>{after || words.nothing}</bdi>
      </span>{" "}
    </>
  );
}

function Decision({ result, publicId }: { result: unknown; publicId: string | null }) {
  const action = text(result, "action") || text(result, "would");
  if (action === "") return null;
  const was = property(result, "was");
  const method = text(result, "method");
  return (
    <p className="changes">
      <span className="quiet">{words.changed}</span> <strong>{own(words.action, action) ?? action}</strong>
      {property(result, "dryRun") === true && ` (${words.dryRun})`}
      {method === "already" && ` (${words.already})`}{" "}
      {text(result, "publicId") !== "" && action !== "delete" && (
        <>
          <Step
            what={words.publicId}
            before={text(was, "publicId") || (publicId ?? "")}
            after={text(result, "publicId")}
          />
          {text(was, "type") !== "" && (
            <Step what={words.deliveryType} before={text(was, "type")} after={text(result, "type")} />
          )}
          {["explicit", "update"].includes(method) && (
            <Step what={words.access} before={words.restricted} after={words.anybody} />
          )}
        </>
      )}
    </p>
  );
}

function Sku({ row }: { row: unknown }) {
  const skus = skusOf(row);
  if (skus.length === 0) return text(row, "state");
  return skus.map((sku) => (
    <Fragment key={sku}>
      <Link to={paths.product(sku)}>{sku}</Link>{" "}
    </Fragment>
  ));
}

function skusOf(row: unknown): string[] {
  const sku = text(row, "sku");
  return sku === "" ? listOf(property(row, "products")).filter((one) => typeof one === "string") : [sku];
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(row: unknown, name: string): string {
  const value = property(row, name);
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
