-- Links by which a recipient decides about a picture (docs/moderation.md). Each can be used once; what was decided, by whom and about which asset is
-- in operator_acts.
create table approve_links (
  -- A hash of the link, which neither reveals it nor the asset.
  id         text primary key,
  claimed_at timestamptz not null default now(),
  decision   text not null check (decision in ('approved', 'rejected')),
  -- null: the decision is being made; `failed`: Cloudinary did not carry it out, and the link can be used again.
  outcome    text
);
create index approve_links_claimed on approve_links (claimed_at);
