-- What is over is kept for some time and then deleted (docs/decisions/0063-sms.md); what waits is not.
CREATE INDEX notifications_over ON notifications (created_at) WHERE status NOT IN ('queued', 'claimed');
CREATE INDEX outbox_over ON outbox (created_at) WHERE expanded_at IS NOT NULL;
CREATE INDEX account_tokens_over ON account_tokens (expires_at);
CREATE POLICY node_forgets ON outbox FOR DELETE TO tessera_writer USING (expanded_at IS NOT NULL);
GRANT DELETE ON outbox, notifications, account_tokens TO tessera_writer;
