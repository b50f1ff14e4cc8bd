create table a(x int check(x >= 0), y references b(k)); create table b(k int primary key);
begin; insert into a values(1, null); rollback; select count(*) from a; begin; insert into a values(1, null); savepoint s; insert into a values(2, null); rollback to s; commit; select * from a;
insert into a values(-1, null); pragma foreign_keys = on; insert into a values(1, 99); insert into b values(99); insert into a values(5, 99); delete from b; select * from a;
create table log(m); create trigger t after insert on a begin insert into log values('in ' || new.x); end; insert into a values(7, null); select * from log; create view v as select x * 2 as d from a; select * from v order by d; drop table nothing; select raise; alter table a add column z default 'new'; select * from a; vacuum;
