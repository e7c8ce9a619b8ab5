-- Views of the console that cost the same in a long history as in a short one.

-- The messages in a state: of a rare one, or of one that none has, without reading the others.
create index deliveries_mails_state on deliveries (state, created_at desc, id desc) where handler = 'email';

-- The audit log before or after a time; its order is that of the ids.
create index operator_acts_at on operator_acts (at);

-- The decisions of one kind on the moderation board.
create index moderation_decision_decided on moderation_decision (kind, noted_at desc, asset_id)
  where status in ('approved', 'rejected', 'aborted', 'overridden') and taken_back_at is null;

-- Pictures with somebody who was not recognised, of all that were looked at.
create index face_pictures_unclear on face_pictures (looked_at desc, asset_id)
  where state = 'unreadable' or faces @? '$[*] ? (@.outcome != "recognised" && @.outcome != "pending")';

-- Any part of an SKU or of a public ID. Without the extension, a search reads the products one by one, as before.
do $$
declare
  place text;
begin
  select quote_ident(n.nspname) into place
  from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'pg_trgm';
  if place is not null then
    execute format('create index pim_claim_part on pim_claim using gin (value %s.gin_trgm_ops) where field = ''sku'' and value is not null', place);
    execute format('create index pim_asset_part on pim_asset using gin (normalize(public_id, NFC) %s.gin_trgm_ops)', place);
  end if;
end $$;
