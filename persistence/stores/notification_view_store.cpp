#include "persistence/stores/notification_view_store.hpp"

#include "persistence/stores/webhook_store.hpp"

namespace tessera::persistence {

namespace {

/// The columns that `view_at` reads.
#define TESSERA_NOTIFICATION_COLUMNS                                                                         \
  "notification_id, position, kind, channel, status, attempts,"                                              \
  " CASE WHEN status IN ('queued', 'claimed') THEN next_attempt_at END, coalesce(last_error_class, ''),"     \
  " coalesce(last_error, ''), ref_type, ref_id, recipient, http_status::bigint, created_at, sent_at"

notification_view view_at(const pg::rows& rows, int row) {
  notification_view view;
  view.id = rows.uuid_at(row, 0);
  view.position = rows.int8(row, 1);
  view.kind = rows.text(row, 2);
  view.channel = rows.text(row, 3);
  view.status = rows.text(row, 4);
  view.attempts = rows.int4(row, 5);
  view.next_attempt_at = rows.optional_time(row, 6);
  view.last_error_class = rows.text(row, 7);
  view.last_error = rows.text(row, 8);
  view.ref_type = rows.text(row, 9);
  view.ref_id = rows.text(row, 10);
  view.recipient = rows.text(row, 11);
  view.http_status = rows.optional_int8(row, 12);
  view.created_at = rows.time(row, 13);
  view.sent_at = rows.optional_time(row, 14);
  return view;
}

} // namespace

notification_page notifications_of(pg::transaction& in, const list_notifications& query) {
  const auto rows = in.execute(
      "SELECT " TESSERA_NOTIFICATION_COLUMNS " FROM notifications WHERE tenant_id = $1"
      " AND ($2::bigint IS NULL OR position < $2) AND ($3::text IS NULL OR status = $3)"
      " AND ($4::text IS NULL OR channel = $4) AND ($5::text IS NULL OR kind = $5)"
      " AND ($6::text IS NULL OR (channel = 'webhook' AND recipient = $6))"
      " ORDER BY position DESC LIMIT $7",
      pg::parameters()
          .add(query.tenant)
          .add(query.before)
          .add(query.status)
          .add(query.channel)
          .add(query.kind)
          .add(query.recipient)
          .add(std::int64_t{query.limit} + 1)
  );
  notification_page page;
  page.more = rows.size() > query.limit; // one more than asked for tells whether there is a next page
  for (int i = 0; i < rows.size() && i < query.limit; ++i)
    page.notifications.push_back(view_at(rows, i));
  return page;
}

result<notification_view> retry(pg::transaction& in, const retry_notification& command) {
  const auto there = in.execute(
      "SELECT status, channel, recipient FROM notifications WHERE tenant_id = $1 AND notification_id = $2"
      " AND ($3::text IS NULL OR (channel = 'webhook' AND recipient = $3)) FOR UPDATE",
      pg::parameters().add(command.tenant).add(command.id).add(command.endpoint)
  );
  if (there.empty()) return errc::notification_unknown;
  const auto status = there.text(0, 0);
  const bool is_over = status != "queued" && status != "claimed";
  // A mail that arrived is not sent twice; whoever takes webhooks knows them by their id.
  if (!is_over || (there.text(0, 1) != "webhook" && status != "dead")) return errc::notification_not_over;
  if (there.text(0, 1) == "webhook") end_pause(in, command.tenant, there.text(0, 2));
  const auto rows = in.execute(
      "UPDATE notifications SET status = 'queued', attempts = 0, next_attempt_at = clock_timestamp(),"
      " requeued_at = clock_timestamp(),"
      " last_error_class = NULL, last_error = NULL WHERE tenant_id = $1 AND notification_id = $2"
      " RETURNING " TESSERA_NOTIFICATION_COLUMNS,
      pg::parameters().add(command.tenant).add(command.id)
  );
  return view_at(rows, 0);
}

} // namespace tessera::persistence
