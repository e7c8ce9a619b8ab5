-- Counters for GET /api/metrics. The sweep adds up what is past the mark, so that a scrape reads a few rows however large the tables are,
-- and counters keep counting when old notifications are deleted.

-- Attempts are read by time. Without this, new ranges stay without an entry until a vacuum, and each of them is read at every scrape.
alter index attempts_started set (autosummarize = on);

create table metric_totals (
  name   text not null,
  labels jsonb not null,
  value  double precision not null,
  primary key (name, labels)
);

-- Up to when each counter is added up; what came later is counted at each scrape.
create table metric_marks (
  name text primary key,
  upto timestamptz not null
);
insert into metric_marks (name, upto) values
  ('received', now()),
  ('attempts', now()),
  ('refused', date_trunc('hour', now()) - interval '1 hour');
