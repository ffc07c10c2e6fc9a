-- Invitations that end one after the other, in place of those of an earlier run.
BEGIN;
DELETE FROM outbox WHERE payload->>'invitationId' LIKE 'inv-end-%';
ALTER TABLE invitation_activities DISABLE TRIGGER USER; -- activities are only added
DELETE FROM invitation_activities WHERE invitation_id LIKE 'inv-end-%';
ALTER TABLE invitation_activities ENABLE TRIGGER USER;
DELETE FROM user_invitations WHERE invited_by = 'bench-timers';
INSERT INTO user_invitations (tenant_id, invitation_id, invited_by, inviter_kind, email, email_key, email_canonical,
                              email_person, role, expiry_hours, expires_at)
SELECT t.tenant_id, 'inv-end-' || n, 'bench-timers', 1, e, e, e, e, 1, 1,
       clock_timestamp() + interval '2 seconds' + n * (:seconds * interval '1 second' / :count)
FROM tenants t, generate_series(1, :count) AS n, LATERAL (SELECT 'end' || n || '@bench.example') AS x (e)
WHERE t.id = :'tenant';
COMMIT;
ANALYZE; -- as autovacuum does within a minute: plans that were made of empty tables are made anew
