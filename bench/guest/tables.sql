CREATE TABLE t(id INTEGER PRIMARY KEY, k INTEGER, name TEXT, v REAL);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)
INSERT INTO t SELECT i, i * 7919 % 10007, printf('name-%06d', i * 31337 % 99991), i * 0.37 FROM n;
CREATE INDEX t_k ON t(k);
SELECT k % 10, count(*), round(sum(v), 2), min(name), max(name) FROM t GROUP BY k % 10;
SELECT count(*), sum(a.id) FROM t a JOIN t b ON a.k = b.k AND a.id < b.id;
UPDATE t SET name = upper(name) || '-x' WHERE k % 3 = 0;
SELECT count(*), sum(length(name)) FROM t WHERE name LIKE '%99-x' OR name LIKE 'name-0%';
DELETE FROM t WHERE k % 5 = 2;
SELECT count(*), avg(v) FROM t;
SELECT name FROM t ORDER BY name DESC, id LIMIT 5;
