-- An approval puts a visitor's upload on a product only once Cloudinary has confirmed it, because a notification of it can be forged.

alter table pim_moderation
  -- The latest time at which this kind said anything else of this version.
  add column unapproved_at timestamptz,
  -- The time of the latest approval that Cloudinary confirmed.
  add column confirmed_at  timestamptz;
-- Rows from before keep their meaning.
update pim_moderation set confirmed_at = at where status = 'approved';
update pim_moderation set unapproved_at = at where status <> 'approved';

alter table pim_asset
  -- When Cloudinary was last asked about an approval, how often, and its answer: a status, `none`, `replaced` or `gone`; null: no answer.
  add column approval_asked_at timestamptz,
  add column approval_asks     integer not null default 0,
  add column approval_answer   text;

-- One row: the reads of this hour.
create table pim_approval_reads (
  one_row boolean primary key default true check (one_row),
  hour    timestamptz not null,
  reads   integer not null
);
insert into pim_approval_reads (hour, reads) values (date_trunc('hour', now()), 0);

-- Within a second, their order is unknown.
create function pim_is_confirmed(m pim_moderation) returns boolean language sql stable parallel safe as $$
  select m.status = 'approved' and m.confirmed_at is not null
    and coalesce(date_trunc('second', m.confirmed_at) >= date_trunc('second', m.unapproved_at), true)
$$;

-- Versions that moderation approved: a person did, or a trusted kind while no other kind says otherwise.
create or replace view pim_approved_version as
select m.asset_id, m.version
from pim_moderation m
where pim_is_confirmed(m) and array_position((select trusted_kinds from pim_view_settings), m.kind) is not null
  and (m.kind = 'manual' or not exists (
    select from pim_moderation o
    where o.asset_id = m.asset_id and o.version = m.version
      and not case when o.kind = 'summary' then o.status = 'approved' else pim_is_confirmed(o) end));

-- Visitors' assets whose newest version is approved by what was received, and not by what Cloudinary said.
create view pim_unconfirmed_approval as
select m.asset_id, m.version, array_agg(distinct m.kind order by m.kind) as kinds
from pim_moderation m
join pim_asset_versions v on v.asset_id = m.asset_id and v.newest <= m.version
where m.status = 'approved' and not pim_is_confirmed(m)
  and exists (
    select from pim_moderation t
    where t.asset_id = m.asset_id and t.version = m.version and t.status = 'approved'
      and array_position((select trusted_kinds from pim_view_settings), t.kind) is not null)
  and exists (select from pim_untrusted_asset u where u.asset_id = m.asset_id)
group by m.asset_id, m.version;
