-- What became of e-mails after SendGrid accepted them, recipients that cannot be reached, and what waits for a person.

-- Events of SendGrid's Event Webhook about e-mails of this receiver. SendGrid can send an event several times.
create table mail_events (
  event_id      text primary key,
  -- The delivery, or the message of an alert.
  delivery_id   uuid not null,
  -- A hash of the address, and the address masked.
  recipient_key text not null,
  recipient     text not null,
  event         text not null check (event in ('processed', 'delivered', 'bounced', 'dropped', 'spam')),
  reason        text,
  at            timestamptz not null,
  received_at   timestamptz not null default now()
);
create index mail_events_delivery on mail_events (delivery_id, at);
create index mail_events_received on mail_events (received_at);

-- Recipients that SendGrid rejects, or that it reported as unreachable.
create table refused_recipients (
  key       text primary key,
  recipient text not null,
  -- `rejected`: the request to send named it; else the event.
  cause     text not null check (cause in ('rejected', 'bounced', 'dropped', 'spam')),
  reason    text not null,
  times     integer not null default 1,
  first_at  timestamptz not null default now(),
  last_at   timestamptz not null default now()
);

-- What waits for a person, and when it was mailed, so that each is mailed once and reminded of once.
create table waiting_mails (
  -- `delivery:<id>`, or `asset:<hash of its id and version>` on the moderation board.
  item        text primary key,
  mailed_at   timestamptz not null default now(),
  reminded_at timestamptz
);
