-- Accounts whose last entry this session has committed itself are not named as heads (docs/decisions/0018-proven-heads.md):
-- most rounds name none, and do not pay for the question.

-- Appends a round. The first entry of each account that is named must follow the very entry that its writer saw last (TS001
-- names the accounts that fail): whoever can append has seen the state that the decision rested on.
CREATE OR REPLACE FUNCTION journal_append(
  head_accounts uuid[], head_seqs bigint[], head_hashes bytea[], node uuid,
  accounts uuid[], seqs bigint[], tenants uuid[], types smallint[], units bigint[], slices bytea[],
  availables bigint[], reserveds bigint[], useds bigint[], debts bigint[], usables bigint[],
  occurred timestamptz[], booked timestamptz[], keys uuid[], fingerprints uuid[], principal_kinds smallint[],
  applications text[], meters text[], refs text[], principal_ids text[], principal_applications text[],
  request_ids text[], event_ids text[], caller_keys text[], metadatas text[], hashes bytea[]
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  outrun uuid[];
BEGIN
  IF cardinality(head_accounts) > 0 THEN
    outrun := journal_outrun(head_accounts, head_seqs, head_hashes);
  END IF;
  IF outrun IS NOT NULL THEN
    RAISE EXCEPTION 'outrun by another writer' USING ERRCODE = 'TS001', DETAIL = array_to_string(outrun, ',');
  END IF;
  INSERT INTO credit_entries (
    account_id, seq, tenant_id, entry_type, units, slices, available_after, reserved_after, used_after, debt_after,
    usable_after, occurred_at, booked_at, idempotency_key, fingerprint, writer, principal_kind, application, meter,
    reference, principal_id, principal_application, request_id, event_id, caller_key, metadata, hash)
  SELECT unnest(accounts), unnest(seqs), unnest(tenants), unnest(types), unnest(units), unnest(slices),
         unnest(availables), unnest(reserveds), unnest(useds), unnest(debts), unnest(usables), unnest(occurred),
         unnest(booked), unnest(keys), unnest(fingerprints), node, unnest(principal_kinds), unnest(applications),
         unnest(meters), unnest(refs), unnest(principal_ids), unnest(principal_applications), unnest(request_ids),
         unnest(event_ids), unnest(caller_keys), unnest(metadatas), unnest(hashes);
END $$;
