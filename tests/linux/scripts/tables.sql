.bail on
create table t(a integer primary key, b text, c real);
insert into t values(1, 'one', 1.5), (2, 'two', 2.25), (3, null, -1e10);
select *, typeof(b), typeof(c) from t order by a desc;
select count(*), sum(c), avg(a), group_concat(b, '+'), max(b) from t;
update t set b = upper(b) where a < 3; delete from t where a = 2; select * from t;
select printf('%08.3f|%x|%s', 3.14159, 255, 'text'), substr('hello', 2, 3), replace('aXa', 'X', '-'), hex(x'00ff'), length('äö'), 7 / 2, 7 % 3, 7.0 / 2, 1 << 10, round(2.567, 2);
select date('2024-02-29', '+1 year'), strftime('%s', '2000-01-01'), julianday('2000-01-01 12:00');
select * from t t1 left join t t2 on t1.a = t2.a + 2 order by 1;
insert into t values(1, 'again', 0);
