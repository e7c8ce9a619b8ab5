-- Retention looks at each notification when it has become old, and again, a thousand at a pass, at those that stayed: so a pass costs
-- the same however many stay.
alter table retention_marks
  add column again_received_at timestamptz not null default '-infinity',
  add column again_id uuid not null default '00000000-0000-0000-0000-000000000000';
