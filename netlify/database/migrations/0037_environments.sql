-- The console lists the notifications of one product environment, newest first, however rare they are among the others.
create index notifications_cloud on notifications (cloud, received_at desc, id desc);
