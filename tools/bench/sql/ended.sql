-- How late the ends were recorded: whether all are, how many too early, and the lateness in milliseconds.
SELECT json_build_object(
  'all', count(*) = :count,
  'early', count(*) FILTER (WHERE a.created_at < i.expires_at),
  'p50_ms', 1000 * percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM a.created_at - i.expires_at)),
  'p99_ms', 1000 * percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM a.created_at - i.expires_at)))
FROM user_invitations i JOIN invitation_activities a USING (tenant_id, invitation_id)
WHERE i.invited_by = 'bench-timers' AND a.activity_type = 'expired';
