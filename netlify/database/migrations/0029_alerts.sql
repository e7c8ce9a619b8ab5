-- Alerts: which causes last, what was reported about each, and the messages about their changes.

create table alert_states (
  -- `sweep-late`, or with its subject: `dead:email:<hash of the error>`, `secret-ends:old`.
  cause       text primary key,
  kind        text not null,
  active      boolean not null,
  began_at    timestamptz not null default now(),
  ended_at    timestamptz,
  -- In words: what was found, why it matters, how to fix it.
  finding     jsonb not null default '{}',
  -- What the last message reported: that it began (true), or that it ended.
  reported    boolean not null default false,
  reported_at timestamptz,
  -- The run that decided to report it.
  reported_by uuid,
  -- An operator muted it: its changes are not reported.
  muted_at    timestamptz,
  muted_by    text,
  mute_reason text
);

-- One row for each channel that a message goes to.
create table alert_messages (
  id         uuid primary key default gen_random_uuid(),
  channel    text not null,
  changes    jsonb not null,
  created_at timestamptz not null default now(),
  -- `unknown`: it may have been sent, and is not repeated.
  state      text not null default 'due' check (state in ('due', 'sending', 'sent', 'failed', 'unknown')),
  attempts   integer not null default 0,
  -- When it is sent next; while it is being sent, when that has failed.
  due_at     timestamptz not null default now(),
  sent_at    timestamptz,
  last_error text
);
create index alert_messages_open on alert_messages (due_at) where state in ('due', 'sending');
create index alert_messages_newest on alert_messages (created_at desc);
