-- Which URLs the connector pim:akeneo wrote: it removes no others. Digests only (SHA-256, hex), so that the table names nothing.
create table akeneo_urls (
  -- Of the product or product model, the attribute, the locale and the scope.
  slot_sha256 text not null,
  url_sha256  text not null,
  -- Null: the asset was erased.
  asset_id    text,
  -- Written down before the request, whose answer can be lost.
  written_at  timestamptz not null default now(),
  erased_at   timestamptz,
  primary key (slot_sha256, url_sha256)
);
create index akeneo_urls_asset on akeneo_urls (asset_id);
create index akeneo_urls_erased on akeneo_urls (erased_at) where erased_at is not null;
