-- A decision that Cloudinary did not confirm, or contradicts: it outranks and blocks no other. Cleared when it is carried out.
alter table moderation_decision add column unconfirmed_at timestamptz;
update moderation_decision m set unconfirmed_at = now()
from deliveries d
where d.id = m.delivery_id and m.action = 'hold' and d.state = 'held' and d.last_error = 'not-confirmed';
