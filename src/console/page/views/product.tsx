import { Alert, Anchor, List } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { InferResponseType } from "hono/client";
import { Fragment } from "react";
import { Link, Redirect, useSearchParams } from "wouter";
import { answer, api } from "../api.ts";
import { Picture } from "../parts/picture.tsx";
import { Loaded } from "../parts/problem.tsx";
import { Section } from "../parts/section.tsx";
import { Tag } from "../parts/tag.tsx";
import { ViewTitle } from "../parts/title.tsx";
import { paths } from "../paths.ts";
import { texts } from "../texts.ts";

const words = texts.products;
const productRoute = api.product;

type ProductData = InferResponseType<typeof productRoute.$get, 200>;

/** A product with all its pictures, by role. */
export function Product() {
  const [params] = useSearchParams();
  const sku = params.get("sku");
  // A truncated address names no product.
  return sku ? <Named sku={sku} /> : <Redirect to={paths.products} replace />;
}

function Named({ sku }: { sku: string }) {
  const product = useQuery({
    queryKey: ["product", sku],
    queryFn: () => answer(productRoute.$get({ query: { sku } })),
  });
  return (
    <>
      <p className="crumb">
        <Link to={paths.products}>{words.back}</Link>
      </p>
      <ViewTitle text={product.data?.sku ?? (sku.startsWith("sealed-") ? "" : sku)} />
      <Loaded query={product}>{(data) => <Whole product={data} />}</Loaded>
    </>
  );
}

function Whole({
  product: { images, files, failures, withoutPicture, unknownTo },
}: {
  product: ProductData;
}) {
  const roles = Map.groupBy(images, ({ role }) => role);
  return (
    <>
      {unknownTo.length > 0 && (
        <Alert color="orange" mb="md">
          {words.unknownTo(unknownTo.join(", "))}
        </Alert>
      )}
      {images.length === 0 && <p className="empty">{words.noPictures}</p>}
      {[...roles].map(([role, some]) => (
        <Section key={role} title={role}>
          <ul className="cards">
            {some.map((image) => (
              <ImageCard key={`${image.assetId} ${image.rendition}`} image={image} />
            ))}
          </ul>
        </Section>
      ))}
      {files.length > 0 && (
        <Section title={words.files}>
          <ul className="cards">
            {files.map((file) => (
              <ImageCard key={`${file.assetId} ${file.rendition}`} image={file} kind={file.mediaKind} />
            ))}
          </ul>
        </Section>
      )}
      {withoutPicture.length > 0 && (
        <Section title={words.withoutPicture}>
          <p className="quiet small">{words.withoutPictureLead}</p>
          <List size="sm">
            {withoutPicture.map(({ assetId, publicId, standing }) => (
              <List.Item key={assetId}>
                <Link to={`${paths.inbox}?assetId=${encodeURIComponent(assetId)}`}>
                  <bdi>{publicId ?? assetId}</bdi>
                </Link>
                {standing !== null && <span className="quiet small"> {words.unmapped[standing]}</span>}
              </List.Item>
            ))}
          </List>
        </Section>
      )}
      {failures.length > 0 && (
        <Section title={words.failures}>
          <List size="sm">
            {failures.map(({ assetId, rendition, reason }) => (
              <List.Item key={`${assetId} ${rendition}`}>
                <code>{rendition}</code>: {reason}
              </List.Item>
            ))}
          </List>
        </Section>
      )}
    </>
  );
}

function ImageCard({ image, kind }: { image: ProductData["images"][number]; kind?: string }) {
  const { rendition, secureUrl, small, altText, publicId, assetId, version, width, height, superseded } =
    image;
  const { otherProducts, stale } = image;
  return (
    <li className="card">
      <Picture src={small} alt={altText ?? publicId} size="large" />
      <Anchor href={secureUrl} target="_blank" rel="noreferrer noopener" className="card-link" size="sm">
        <bdi>{rendition}</bdi>
      </Anchor>
      <span className="quiet small">
        {kind !== undefined && `${kind} · `}
        {words.version} {version}
        {width !== null && ` · ${width} × ${height}`}
      </span>
      {superseded && <Tag tone="warn">{words.superseded}</Tag>}
      {stale && <Tag tone="warn">{words.stale}</Tag>}
      {otherProducts.length > 0 && (
        <span className="quiet small">
          {words.alsoOn}{" "}
          {otherProducts.map(({ sku, ref }) => (
            <Fragment key={ref}>
              <Link to={paths.product(ref)}>{sku}</Link>{" "}
            </Fragment>
          ))}
        </span>
      )}
      <Link to={`${paths.inbox}?assetId=${encodeURIComponent(assetId)}`} className="small">
        {words.story}
      </Link>
    </li>
  );
}
