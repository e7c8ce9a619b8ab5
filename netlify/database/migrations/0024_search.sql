-- Search: what the notifications of an asset name, in one text. Hooks do not write it; workers, sweeps and searches do.

create table search_texts (
  -- The asset id; the id of the notification if it names no asset, or several.
  key     text primary key,
  -- Lines, folded (src/lib/search/fold.ts), each between line breaks: ids, names and values as they are, `#` tags, `$` SKUs,
  -- `@` people, `^` clouds.
  text    text not null,
  -- The SKUs, tags, people and names, with the same signs and as they are written, for suggestions.
  labels  text[] not null default '{}',
  name    text,
  picture text,
  updated_at timestamptz not null default now()
);

-- One row: which notifications are in the texts.
create table search_progress (
  one_row   boolean primary key default true check (one_row),
  -- Everything received from `oldest` (with `oldest_id`) to `newest` is.
  newest    timestamptz not null default now() - interval '1 minute',
  oldest    timestamptz not null default now(),
  oldest_id uuid
);
insert into search_progress (oldest) select case when exists (select from notifications) then now() else '-infinity' end;

-- Finds any part of a text. Without rights for the extension, or without the extension, searches read the texts one by one.
do $$
declare
  place text;
begin
  begin
    create extension if not exists pg_trgm;
  exception when others then
    raise notice 'pg_trgm is not available: searches are slower (%)', sqlerrm;
  end;
  select quote_ident(n.nspname) into place
  from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'pg_trgm';
  if place is not null then
    execute format('create index search_texts_text on search_texts using gin (text %s.gin_trgm_ops)', place);
  end if;
end $$;

-- Deliveries by handler and state, newest first. Hooks do not touch it, because new deliveries are due.
create index deliveries_ended on deliveries (handler, state, settled_at desc) include (notification_id)
  where state in ('done', 'skipped', 'held', 'dead');
