-- The audit log by operator and by action, and the names of both without reading the log.
create index operator_acts_who on operator_acts (who, id desc);
create index operator_acts_act on operator_acts (act, id desc);
