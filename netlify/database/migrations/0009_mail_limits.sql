-- How many e-mails went out in a period: all of them by day, and by hour the digests of each group of recipients once the
-- day's limit is reached. A row's lock makes the limit exact, however many workers send at once.
create table mail_limits (
  -- `day`, or the subject that deliveries to the same people share.
  scope  text not null,
  -- The start of the UTC day or hour.
  period timestamptz not null,
  sent   integer not null,
  primary key (scope, period)
);
