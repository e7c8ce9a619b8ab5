-- How many unreadable bodies came within a day is asked before each further one is recorded.
create index notifications_unreadable on notifications (received_at) where type = 'unreadable';
