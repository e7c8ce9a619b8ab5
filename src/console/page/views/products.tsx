import { Group } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearch } from "wouter";
import { unmappedReasons } from "../../../lib/shared/unmapped-reasons.ts";
import { answer, api } from "../api.ts";
import { useListAddress } from "../lists/address.ts";
import { FilterBar, type FilterField, NothingFound } from "../lists/filter-bar.tsx";
import { ListPaging } from "../lists/list-paging.tsx";
import { ActButton } from "../parts/act-button.tsx";
import { BackfillDialog } from "../parts/backfill-dialog.tsx";
import { AllEnvironments } from "../parts/cloud.tsx";
import { Empty } from "../parts/empty.tsx";
import { Picture } from "../parts/picture.tsx";
import { Loaded } from "../parts/problem.tsx";
import { Tag } from "../parts/tag.tsx";
import { ViewTitle } from "../parts/title.tsx";
import { ViewTabs } from "../parts/view-tabs.tsx";
import { When } from "../parts/when.tsx";
import { paths } from "../paths.ts";
import { texts } from "../texts.ts";

const words = texts.products;
const pagingWords = { newest: texts.first, older: texts.more };

/** Products by SKU with their pictures, and the assets that have no product. */
export function Products() {
  const isUnmapped = new URLSearchParams(useSearch()).get("show") === "unmapped";
  return (
    <>
      <ViewTitle
        text={texts.pages.products}
        beside={
          <ViewTabs
            label={texts.pages.products}
            tabs={(["products", "unmapped"] as const).map((one) => ({
              to: one === "products" ? paths.products : `${paths.products}?show=unmapped`,
              name: words.tabs[one],
              here: (one === "unmapped") === isUnmapped,
            }))}
          />
        }
      />
      <AllEnvironments />
      {isUnmapped ? <Unmapped /> : <Mapped />}
    </>
  );
}

const searchField: FilterField = { name: "search", label: words.search };

function Mapped() {
  const address = useListAddress({ search: null }, "after");
  const { filters, page } = address;
  const products = useQuery({
    queryKey: ["products", filters, page],
    queryFn: () =>
      answer(api.products.$get({ query: { ...filters, ...(page !== null && { after: page }) } })),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <FilterBar list="products" address={address} fields={[searchField]} />
      <Loaded query={products}>
        {({ products: found, next }) => (
          <>
            {found.length === 0 && address.isFiltered && (
              <NothingFound address={address} fields={[searchField]} />
            )}
            {found.length === 0 && !address.isFiltered && (
              <Empty title={words.empty}>
                <p>{words.emptySays}</p>
              </Empty>
            )}
            <ul className="cards">
              {found.map(({ sku, ref, images, files, cover }) => (
                <li key={ref} className="card">
                  <Picture src={cover?.small ?? null} alt={cover?.altText ?? sku} size="large" />
                  <Link to={paths.product(ref)} className="card-link">
                    <bdi>{sku}</bdi>
                  </Link>
                  <span className="quiet small">{words.contents(images, files)}</span>
                </li>
              ))}
            </ul>
            <ListPaging address={address} next={next} words={pagingWords} />
          </>
        )}
      </Loaded>
    </>
  );
}

const unmappedFields = [
  searchField,
  {
    name: "reason",
    label: texts.lists.reason,
    options: unmappedReasons.map((reason) => [reason, words.unmapped[reason]] as const),
  },
] as const;

/** Of the API. */
const pageSize = 48;

function Unmapped() {
  const address = useListAddress({ search: null, reason: unmappedReasons }, "after");
  const { filters, page } = address;
  const assets = useQuery({
    queryKey: ["unmapped", filters, page],
    queryFn: () =>
      answer(api.unmapped.$get({ query: { ...filters, ...(page !== null && { after: page }) } })),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <FilterBar list="unmapped" address={address} fields={unmappedFields} />
      <Backfill />
      <Loaded query={assets}>
        {({ assets: found, next }) => (
          <>
            {found.length === 0 && address.isFiltered && (
              <NothingFound address={address} fields={unmappedFields} />
            )}
            {found.length === 0 && next === null && !address.isFiltered && (
              <Empty title={words.unmappedEmpty} />
            )}
            <ul className="cards">
              {found.map(({ assetId, publicId, reason, skus, small, firstSeenAt }) => (
                <li key={assetId} className="card">
                  <Picture src={small} alt={publicId ?? assetId} size="large" />
                  <Link to={`${paths.inbox}?assetId=${encodeURIComponent(assetId)}`} className="card-link">
                    <bdi>{publicId ?? assetId}</bdi>
                  </Link>
                  <span>
                    <Tag tone="warn" icon="attention">
                      {words.unmapped[reason]}
                    </Tag>
                  </span>
                  <span className="quiet small">
                    {skus.length > 0 && `${skus.join(", ")} · `}
                    <When at={firstSeenAt} />
                  </span>
                </li>
              ))}
            </ul>
            <ListPaging address={address} next={next} isShort={found.length < pageSize} words={pagingWords} />
          </>
        )}
      </Loaded>
    </>
  );
}

function Backfill() {
  const [isOpen, setOpen] = useState(false);
  return (
    <Group mb="md">
      <ActButton size="xs" variant="default" onClick={() => setOpen(true)}>
        {words.backfill.button}
      </ActButton>
      {isOpen && <BackfillDialog close={() => setOpen(false)} />}
    </Group>
  );
}
