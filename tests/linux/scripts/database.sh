# SPDX-License-Identifier: MIT
# A database in a file, by several processes one after the other. Locks are directories: those of fcntl are not there.
s="sqlite3 -batch -vfs unix-dotfile d.db"
$s 'create table t(a integer primary key, b text); pragma journal_mode'
for i in 1 2 3 4 5; do $s "insert into t(b) values('row $i')"; done; $s 'select * from t'; $s 'begin; delete from t where a > 2; rollback; select count(*) from t'
seq 1 3000 | sed 's/.*/insert into t(b) values("number &");/' | { echo 'begin;'; cat; echo 'commit;'; } | $s; $s 'select count(*), max(b) from t; create index i on t(b); select a from t where b = "number 777"'
$s .schema; $s .dump | wc -l; $s .dump | $s -cmd '.open copy.db' ; ls *.db; $s 'pragma page_count' | grep -c '^[1-9]'; $s 'pragma integrity_check'; printf 'x,y\n1,2\n3,4\n' > c.csv; $s '.mode csv' '.import c.csv imported' 'select sum(y) from imported'; $s 'select from'; echo $?; $s -json 'select a, b from t limit 2'; $s '.mode box' 'select 1 as one'
