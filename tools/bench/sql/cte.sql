\set id random(1, :accounts)
WITH spent AS (UPDATE yard_accounts SET balance = balance - 1 WHERE id = :id AND balance >= 1 RETURNING id) INSERT INTO yard_ledger (account_id, amount) SELECT id, 1 FROM spent;
