-- Keys are looked up by journal_find_answers since 0011.
DROP FUNCTION journal_find_keys;
