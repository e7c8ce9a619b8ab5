-- Decisions are confirmed with Cloudinary before they are carried out, and can be taken back.
alter table moderation_decision
  -- When a deletion was begun. It stays when the outcome of the call is unknown: such a deletion counts towards the hour's cap.
  add column begun_at timestamptz,
  -- What confirmed the decision right before the call: `explicit` (Upload API) or `admin`; null where nothing was asked.
  add column confirmed_by text,
  -- A moderator took it back: it no longer counts.
  add column taken_back_at timestamptz;
update moderation_decision set begun_at = carried_out_at where action = 'delete' and carried_out_at > now() - interval '1 hour';
create index moderation_decision_begun on moderation_decision (coalesce(carried_out_at, begun_at)) where begun_at is not null;

-- The board has a new act, and others will follow.
alter table operator_acts drop constraint operator_acts_act_check;
alter table operator_acts add constraint operator_acts_act_check check (act ~ '^[a-z][a-z-]{0,39}$');
