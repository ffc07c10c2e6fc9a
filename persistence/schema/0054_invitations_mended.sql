-- What readers found of links, approvals and privacy (docs/decisions/0061-links-for-many.md, 0070-whom-an-invitation-was-for.md).

ALTER TABLE invitation_links ADD COLUMN version bigint NOT NULL DEFAULT 1; -- rises when it is used or revoked
GRANT UPDATE (version) ON invitation_links TO tessera_api;

-- How often somebody was sent something within so many seconds, by anybody, up to so many; and when the one in the way of
-- another was, to the hour: when others write to somebody is not the affair of a tenant. In place of sends_to_person (0041).
CREATE FUNCTION count_sends_to_person(people text[], within_seconds bigint, most bigint)
RETURNS TABLE (sent bigint, in_the_way timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*), CASE WHEN count(*) >= most THEN date_trunc('hour', min(s.moment)) + interval '1 hour' END
  FROM (SELECT x.moment FROM unnest(people) AS p (person), LATERAL sends_to_person(p.person, within_seconds) AS x (moment)
        ORDER BY x.moment DESC LIMIT most) AS s
$$;
GRANT EXECUTE ON FUNCTION count_sends_to_person(text[], bigint, bigint) TO tessera_api;
REVOKE EXECUTE ON FUNCTION sends_to_person(text, bigint) FROM tessera_api;

-- Messages of an invitation are looked for whenever somebody is forgotten.
CREATE INDEX notifications_of_an_invitation ON notifications (tenant_id, ref_id) WHERE ref_type = 'invitation';

-- What is open of a tenant is counted for limits and seats.
CREATE INDEX user_invitations_open ON user_invitations (tenant_id) WHERE status IN ('pending', 'pending_approval');
DROP INDEX user_invitations_pending; -- the other one does for it

-- Rows of jobs say whom they are for, until the job is over, or paused, for as long as invitations say it.
ALTER TABLE invitation_jobs ADD COLUMN erased_at timestamptz;
CREATE INDEX invitation_jobs_to_forget ON invitation_jobs (coalesce(finished_at, worked_at))
  WHERE state >= 2 AND erased_at IS NULL;

-- By whom they are for, however many were imported.
CREATE INDEX invitation_job_rows_of_a_person ON invitation_job_rows (tenant_id, lower(email_key)) WHERE email_key <> '';
CREATE INDEX invitation_job_rows_as_written ON invitation_job_rows (tenant_id, lower(email)) WHERE email <> '';

-- Answers that say of which invitation they are.
CREATE INDEX idempotency_answers_of_an_invitation
  ON idempotency_answers (tenant_id, substring(body FROM '"invitationId":"([^"]+)"'))
  WHERE strpos(body, '"invitationId":"') > 0;

-- How one person's address stands in rows: as it was given, with its domain in letters or as an A-label, in any case.
CREATE FUNCTION written_addresses(tenant uuid, canonical text) RETURNS text[]
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT array_agg(DISTINCT form) FROM (
    SELECT unnest(ARRAY[i.email, i.email_key, i.email_canonical]) FROM user_invitations i
    WHERE i.tenant_id = tenant AND i.email_canonical = canonical
    UNION ALL
    SELECT unnest(ARRAY[r.email, r.email_key]) FROM invitation_job_rows r
    WHERE r.tenant_id = tenant AND lower(r.email_key) = canonical AND r.email_key <> ''
    UNION ALL
    SELECT unnest(ARRAY[u.email, u.email_key]) FROM users u WHERE u.tenant_id = tenant AND lower(u.email_key) = canonical
    UNION ALL
    SELECT canonical
  ) AS all_of_them (form) WHERE form <> ''
$$;
GRANT EXECUTE ON FUNCTION written_addresses(uuid, text) TO tessera_api;

-- As before (0044), but what is told to whoever invited is not sent without a name in it, either.
CREATE OR REPLACE FUNCTION forget_invitees(tenant uuid, invitations text[], pepper bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM set_config('app.erasing', 'yes', true);
  UPDATE invitation_activities a SET metadata = a.metadata - 'reason', network = '', browser = ''
  WHERE a.tenant_id = tenant AND a.invitation_id = ANY (invitations);
  PERFORM set_config('app.erasing', '', true);
  UPDATE notifications n SET variables = '{}',
    recipient = CASE WHEN n.user_id IS NULL THEN 'erased' ELSE n.recipient END,
    status = CASE WHEN n.status IN ('queued', 'claimed') THEN 'skipped' ELSE n.status END
  WHERE n.tenant_id = tenant AND n.ref_type = 'invitation' AND n.ref_id = ANY (invitations);
  UPDATE invitation_assignments a SET email_canonical = ''
  WHERE a.tenant_id = tenant AND a.invitation_id = ANY (invitations) AND NOT a.open;
  UPDATE user_invitations i SET email_sha256 = sha256(pepper || convert_to(i.email_canonical, 'UTF8')),
    email_person = erased_person(i.email_person, pepper),
    email = '', email_key = '', email_canonical = '', phone = '', first_name = '', last_name = '',
    message = '', status_reason = '', viewed_from = '', erased_at = clock_timestamp(), version = i.version + 1
  WHERE i.tenant_id = tenant AND i.invitation_id = ANY (invitations) AND i.erased_at IS NULL;
END $$;

-- Of some rows of jobs; those that wait are looked at no more.
CREATE FUNCTION forget_job_rows(tenant uuid, job text, numbers bigint[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE invitation_job_rows r SET email = '', email_key = '', phone = '', first_name = '', last_name = '', message = '',
    detail = '', errors = '', state = CASE WHEN r.state = 1 THEN 5 ELSE r.state END
  WHERE r.tenant_id = tenant AND r.job_id = job AND r.number = ANY (numbers)
$$;

-- As before, of every address that is written for the person, and of jobs.
CREATE OR REPLACE FUNCTION erase_invitee(tenant uuid, canonical text, pepper bytea) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  theirs text[];
  forms text[] := written_addresses(tenant, canonical);
  lowered text[] := (SELECT array_agg(DISTINCT lower(f)) FROM unnest(forms) AS f);
BEGIN
  IF tenant IS DISTINCT FROM current_tenant() THEN
    RAISE EXCEPTION 'not the tenant of the transaction' USING ERRCODE = 'insufficient_privilege';
  END IF;
  SELECT coalesce(array_agg(i.invitation_id), '{}') INTO theirs FROM user_invitations i
  WHERE i.tenant_id = tenant AND i.email_canonical = canonical AND i.status NOT IN ('pending', 'pending_approval');
  INSERT INTO invitation_activities (tenant_id, invitation_id, activity_type)
  SELECT tenant, x, 'erased' FROM unnest(theirs) AS x;
  PERFORM forget_invitees(tenant, theirs, pepper);
  PERFORM forget_job_rows(tenant, r.job_id, array_agg(r.number)) FROM invitation_job_rows r
  WHERE r.tenant_id = tenant AND ((lower(r.email) = ANY (lowered) AND r.email <> '')
    OR (lower(r.email_key) = ANY (lowered) AND r.email_key <> '')) GROUP BY r.job_id;
  UPDATE notifications n SET recipient = 'erased', variables = '{}',
    status = CASE WHEN n.status IN ('queued', 'claimed') THEN 'skipped' ELSE n.status END
  WHERE n.tenant_id = tenant AND lower(n.recipient) = ANY (lowered) AND n.user_id IS NULL;
  UPDATE suppressions s SET recipient_masked = ''
  WHERE s.tenant_id = tenant AND s.channel = 'email'
    AND s.recipient_sha256 IN (SELECT sha256(convert_to(f, 'UTF8')) FROM unnest(forms) AS f);
  RETURN cardinality(theirs);
END $$;

-- As before; where it forgets sooner than answers do (0008), what was answered of these goes, too.
CREATE OR REPLACE FUNCTION forget_old_invitees(days bigint, most bigint, pepper bytea) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  one record;
  forgotten bigint := 0;
BEGIN
  FOR one IN
    SELECT due.tenant_id, array_agg(due.invitation_id) AS ids, count(*) AS many FROM (
      SELECT i.tenant_id, i.invitation_id FROM user_invitations i
      WHERE i.erased_at IS NULL AND i.status NOT IN ('pending', 'pending_approval')
        AND i.expires_at < now() - make_interval(days => days::int)
        AND coalesce(i.accepted_at, i.expires_at) < now() - make_interval(days => days::int)
      ORDER BY i.expires_at LIMIT most FOR UPDATE SKIP LOCKED
    ) due GROUP BY due.tenant_id
  LOOP
    INSERT INTO invitation_activities (tenant_id, invitation_id, activity_type)
    SELECT one.tenant_id, x, 'erased' FROM unnest(one.ids) AS x;
    PERFORM forget_invitees(one.tenant_id, one.ids, pepper);
    IF days < 30 THEN
      DELETE FROM idempotency_answers a
      WHERE a.tenant_id = one.tenant_id AND strpos(a.body, '"invitationId":"') > 0
        AND substring(a.body FROM '"invitationId":"([^"]+)"') = ANY (one.ids);
    END IF;
    forgotten := forgotten + one.many;
  END LOOP;
  RETURN forgotten;
END $$;

-- Likewise of jobs that ended more than so many days ago, or were paused and not worked on since, of all tenants; how many
-- jobs. A paused one whose rows are forgotten invites nobody when it goes on.
CREATE FUNCTION forget_old_jobs(days bigint, most bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  one record;
  forgotten bigint := 0;
BEGIN
  FOR one IN
    SELECT j.tenant_id, j.job_id FROM invitation_jobs j
    WHERE j.state >= 2 AND j.erased_at IS NULL
      AND coalesce(j.finished_at, j.worked_at) < now() - make_interval(days => days::int)
    ORDER BY coalesce(j.finished_at, j.worked_at) LIMIT most FOR UPDATE SKIP LOCKED
  LOOP
    PERFORM forget_job_rows(one.tenant_id, one.job_id, array_agg(r.number)) FROM invitation_job_rows r
    WHERE r.tenant_id = one.tenant_id AND r.job_id = one.job_id;
    UPDATE invitation_jobs j SET erased_at = clock_timestamp(), network = '', browser = ''
    WHERE j.tenant_id = one.tenant_id AND j.job_id = one.job_id;
    forgotten := forgotten + 1;
  END LOOP;
  RETURN forgotten;
END $$;
GRANT EXECUTE ON FUNCTION forget_old_jobs(bigint, bigint) TO tessera_writer;
