\set id random(1, :accounts)
BEGIN;
UPDATE yard_accounts SET balance = balance - 1 WHERE id = :id AND balance >= 1;
INSERT INTO yard_ledger (account_id, amount) VALUES (:id, 1);
COMMIT;
