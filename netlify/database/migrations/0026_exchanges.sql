-- The request of an attempt that failed and its answer, as far as both may be kept (src/lib/shared/exchange.ts). Null: no request failed.
alter table attempts add column exchange jsonb;

-- An erasure looks through all of them: an answer can name other assets than its notification's.
create index attempts_exchange on attempts (delivery_id) where exchange is not null;
