-- How many went out just now to the same people, before each e-mail.
create index deliveries_sent on deliveries (handler, subject, sending_at) where sending_at is not null;
