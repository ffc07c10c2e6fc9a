-- How late the ends were recorded of what is over: whether all are, how many too early, and the lateness in milliseconds.
SELECT json_build_object(
  'all', count(*) > 0 AND count(*) = count(a.created_at),
  'early', count(*) FILTER (WHERE a.created_at < i.expires_at),
  'p50_ms', 1000 * percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM a.created_at - i.expires_at)),
  'p99_ms', 1000 * percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM a.created_at - i.expires_at)))
FROM user_invitations i
LEFT JOIN invitation_activities a
  ON a.tenant_id = i.tenant_id AND a.invitation_id = i.invitation_id AND a.activity_type = 'expired'
WHERE i.invited_by = 'bench-timers' AND i.expires_at < clock_timestamp() - interval '1 second';
