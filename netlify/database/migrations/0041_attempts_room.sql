-- An attempt is updated once, when it ends. With room on its page, that touches no index; without, the page is full by then.
alter table attempts set (fillfactor = 50);
