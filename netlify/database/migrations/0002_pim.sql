-- Which picture belongs to which product. Notifications come in any order, late and more than once; so every fact about an
-- asset is kept with the instant it was true, the newer one stays, and what a product shows is worked out when it is read.

-- The sources of SKUs in the order of the settings, the first one strongest. The handler keeps this equal to them.
create table pim_source (
  name text collate "C" primary key,
  rank integer not null
);

-- Every `..._at` says when the column before it was true; null means that nothing was said of it yet.
create table pim_asset (
  -- Never changes over renames and overwrites. `resource_type/type/public_id` for assets from before asset ids.
  asset_id         text primary key check (asset_id <> ''),
  resource_type    text,
  public_id        text,
  -- The same, percent-encoded as in a delivery URL.
  public_id_url    text,
  public_id_at     timestamptz,
  delivery_type    text,
  delivery_type_at timestamptz,
  asset_folder     text,
  asset_folder_at  timestamptz,
  display_name     text,
  display_name_at  timestamptz,
  -- Only with a token, except from `public_from` until `public_until`.
  restricted       boolean,
  public_from      timestamptz,
  public_until     timestamptz,
  access_at        timestamptz,
  -- The newest version seen.
  version          bigint,
  -- A delete takes versions up to the one it names; one that names none (`erased_at`) takes what is older than itself.
  deleted_version  bigint,
  erased_at        timestamptz,
  deleted_at       timestamptz,
  restored_at      timestamptz,
  -- Every SKU that anything ever named for it: the products to tell when it changes, the former ones included.
  skus             text[] not null default '{}',
  first_seen_at    timestamptz not null default now(),
  updated_at       timestamptz not null default now()
);
create index pim_asset_public_id on pim_asset (public_id);
create index pim_asset_first_seen on pim_asset (first_seen_at desc, asset_id desc);

-- What a source said: `sku`, `role`, `position` or `alt`. Sorted by bytes: pages of products are the same on every server.
create table pim_claim (
  asset_id text not null,
  field    text not null,
  source   text collate "C" not null,
  -- '' for the answer of the source as a whole; where it can name several (tags), the one that this row is about.
  element  text collate "C" not null default '',
  -- Null: none. For an element: not any more.
  value    text collate "C",
  at       timestamptz not null,
  primary key (asset_id, field, source, element),
  check (field <> 'position' or value ~ '^[0-9]{1,9}$')
);
create index pim_claim_sku on pim_claim (value, asset_id) where field = 'sku' and value is not null;

-- The newest status of each version by each kind of moderation.
create table pim_moderation (
  asset_id text not null,
  kind     text not null,
  version  bigint not null,
  status   text not null,
  at       timestamptz not null,
  primary key (asset_id, kind, version)
);

create table pim_rendition (
  asset_id           text not null,
  name               text not null,
  -- Null: the asset as it was uploaded.
  transformation     text,
  -- The version in the URL; the second of `named_at` where the URL has none. Null while every try has failed.
  version            bigint check (version >= 0),
  version_in_url     boolean not null default false,
  -- Decides between two of the same version.
  event_at           timestamptz,
  -- No later than the moment at which the asset had the name that stands in the URL.
  named_at           timestamptz,
  public_id          text,
  public_id_url      text,
  -- As Cloudinary sent it; without TLS only from this machine, where the local stack is.
  secure_url         text check (secure_url ~ '^(https://|http://(127\.0\.0\.1|localhost|\[::1\])[:/])'),
  -- Its parts, to build it again when the asset has got another name; null when it could not be taken apart.
  url_prefix         text,
  url_type           text,
  url_signature      text,
  url_transformation text,
  url_suffix         text,
  -- The signature for the name that the asset had at `resigned_at`.
  resigned           text,
  resigned_for       text,
  resigned_at        timestamptz,
  width              integer,
  height             integer,
  bytes              bigint,
  format             text,
  -- Why Cloudinary could not make it, the last time that it could not.
  failure            text,
  failed_at          timestamptz,
  updated_at         timestamptz not null default now(),
  primary key (asset_id, name)
);

-- Products that a connector's target does not know.
create table pim_unknown_sku (
  sku     text collate "C" not null,
  handler text not null,
  at      timestamptz not null default now(),
  primary key (sku, handler)
);

-- The SKUs that stand: a later answer of the whole source takes those away that it did not repeat.
create view pim_claimed_sku as
select c.asset_id, c.value as sku, c.source, s.rank, c.at
from pim_claim c
join pim_source s on s.name = c.source
where c.field = 'sku' and c.value is not null
  and (c.element = '' or not exists (
    select from pim_claim w
    where w.asset_id = c.asset_id and w.field = 'sku' and w.source = c.source and w.element = '' and w.at > c.at));

-- The product of each asset: what the strongest source says that says anything. Two SKUs in one source are no answer.
create view pim_asset_sku as
select c.asset_id, c.sku, c.source, c.at
from pim_claimed_sku c
where not exists (
  select from pim_claimed_sku o
  where o.asset_id = c.asset_id and (o.rank < c.rank or (o.rank = c.rank and o.sku <> c.sku)));

-- The pictures that may be shown, under the name that the asset has now.
create view pim_picture as
select p.asset_id, p.public_id, p.resource_type, p.delivery_type, p.rendition, p.version, p.event_at, p.secure_url,
       p.width, p.height, p.bytes, p.format, p.superseded, p.transformation
from (
  select a.asset_id, now_named.public_id, a.resource_type, now_named.type as delivery_type, r.name as rendition,
         r.version, r.event_at, r.width, r.height, r.bytes, r.format, r.transformation,
         -- The asset has been replaced since, and this rendition has not been made again.
         coalesce(a.version > r.version, false) as superseded,
         case when r.url_prefix is null or (now_named.public_id = r.public_id and now_named.type = r.url_type) then r.secure_url
              when r.url_signature is not null and r.resigned_for is distinct from now_named.public_id then null
              else r.url_prefix || '/' || now_named.type || '/'
                || case when r.url_signature is null then '' else 's--' || r.resigned || '--/' end
                || coalesce(r.url_transformation || '/', '')
                || case when r.version_in_url then 'v' || r.version || '/' else '' end
                || now_named.public_id_url || r.url_suffix
         end as secure_url
  from pim_rendition r
  join pim_asset a on a.asset_id = r.asset_id
  cross join lateral (
    select case when a.public_id_at > r.named_at then a.public_id else r.public_id end as public_id,
           case when a.public_id_at > r.named_at then a.public_id_url else r.public_id_url end as public_id_url,
           case when a.delivery_type_at > r.named_at then a.delivery_type else r.url_type end as type) now_named
  where r.secure_url is not null
    and not coalesce(a.deleted_at > coalesce(a.restored_at, '-infinity')
                     and (coalesce(r.version <= a.deleted_version, false) or coalesce(r.named_at <= a.erased_at, false)), false)
    and (a.restricted is not true or coalesce(a.public_from <= now(), false) and coalesce(now() < a.public_until, true))
    and (
      select max(m.version) from pim_moderation m
      where m.asset_id = r.asset_id and m.status = 'rejected'
        -- A person's later word on the same version outranks a machine's.
        and not exists (
          select from pim_moderation h
          where h.asset_id = m.asset_id and h.version = m.version and h.kind = 'manual' and h.status = 'approved' and h.at > m.at)
    ) >= r.version is not true
) p
where p.secure_url is not null;

create view pim_product_image as
select s.sku,
       coalesce((select c.value from pim_claim c join pim_source o on o.name = c.source
                 where c.asset_id = s.asset_id and c.field = 'role' and c.value is not null order by o.rank limit 1), 'gallery') as role,
       (select c.value::integer from pim_claim c join pim_source o on o.name = c.source
        where c.asset_id = s.asset_id and c.field = 'position' and c.value is not null order by o.rank limit 1) as position,
       p.rendition, p.asset_id, p.public_id, p.version, p.event_at, p.width, p.height, p.format, p.secure_url,
       (select c.value from pim_claim c join pim_source o on o.name = c.source
        where c.asset_id = s.asset_id and c.field = 'alt' and c.value is not null order by o.rank limit 1) as alt_text,
       p.bytes, p.resource_type, p.delivery_type, p.transformation, p.superseded, s.source as sku_source
from pim_asset_sku s
join pim_picture p on p.asset_id = s.asset_id;
