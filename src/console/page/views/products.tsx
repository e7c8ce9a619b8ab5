import { Button, Group, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "wouter";
import { answer, api } from "../api.ts";
import { ActButton } from "../parts/act-button.tsx";
import { BackfillDialog } from "../parts/backfill-dialog.tsx";
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

/** Products by SKU with their pictures, and the assets that have no product. */
export function Products() {
  const [params, setParams] = useSearchParams();
  const tab = params.get("show") === "unmapped" ? "unmapped" : "products";
  const search = params.get("search") ?? "";
  const after = params.get("after");
  const change = (changed: Record<string, string>) =>
    setParams(
      Object.entries({ show: tab, search, ...changed }).filter(
        ([, value]) => value !== "" && value !== "products",
      ),
    );
  const query = { ...(search !== "" && { search }), ...(after !== null && { after }) };
  const paging = { after, go: (next: string) => change({ after: next }), first: () => change({}) };
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
              here: one === tab,
            }))}
          />
        }
        aside={<SearchField value={search} change={(text) => change({ search: text })} />}
      />
      {tab === "products" ? (
        <Mapped query={query} paging={paging} />
      ) : (
        <Unmapped query={query} paging={paging} />
      )}
    </>
  );
}

interface ListProps {
  query: { search?: string; after?: string };
  paging: { after: string | null; go: (next: string) => void; first: () => void };
}

function Mapped({ query, paging }: ListProps) {
  const products = useQuery({
    queryKey: ["products", query],
    queryFn: () => answer(api.products.$get({ query })),
    placeholderData: keepPreviousData,
  });
  return (
    <Loaded query={products}>
      {({ products: found, next }) => (
        <>
          {found.length === 0 && (
            <Empty title={query.search ? texts.inbox.nothing : words.empty}>
              {!query.search && <p>{words.emptySays}</p>}
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
          <Paging next={next} paging={paging} />
        </>
      )}
    </Loaded>
  );
}

function Unmapped({ query, paging }: ListProps) {
  const assets = useQuery({
    queryKey: ["unmapped", query],
    queryFn: () => answer(api.unmapped.$get({ query })),
    placeholderData: keepPreviousData,
  });
  return (
    <Loaded query={assets}>
      {({ assets: found, next }) => (
        <>
          <Backfill />
          {found.length === 0 && <Empty title={query.search ? texts.inbox.nothing : words.unmappedEmpty} />}
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
          <Paging next={next} paging={paging} />
        </>
      )}
    </Loaded>
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

function Paging({ next, paging }: { next: string | null; paging: ListProps["paging"] }) {
  return (
    <Group gap="xs" justify="flex-end">
      {paging.after !== null && (
        <Button variant="default" size="xs" onClick={paging.first}>
          {texts.first}
        </Button>
      )}
      {next !== null && (
        <Button variant="default" size="xs" onClick={() => paging.go(next)}>
          {texts.more}
        </Button>
      )}
    </Group>
  );
}

function SearchField({ value, change }: { value: string; change: (text: string) => void }) {
  const [typed, setTyped] = useState(value);
  const search = useDebouncedCallback(change, 300);
  return (
    <TextInput
      type="search"
      aria-label={words.search}
      placeholder={words.search}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        search(event.currentTarget.value.trim());
      }}
    />
  );
}
