#include "persistence/stores/sms_store.hpp"

namespace tessera::persistence {

sms_history sms_lately(
    pg::connection& session,
    const claimed_notification& one,
    const digest& number_sha256,
    const std::string& prefix,
    std::chrono::milliseconds limit
) {
  const auto rows = session.execute(
      "SELECT ARRAY(SELECT jsonb_array_elements_text(coalesce(t.policies->'smsCountries', "
      "'[\"IN\",\"US\",\"GB\"]'))),"
      " t.created_at > clock_timestamp() - interval '7 days',"
      " (SELECT count(*) FROM notifications n WHERE n.channel = 'sms' AND n.recipient = $3 AND n.attempts > 0"
      "   AND n.notification_id <> $2 AND n.created_at > clock_timestamp() - interval '1 day'),"
      " (SELECT count(*) FROM notifications n WHERE n.channel = 'sms' AND n.tenant_id = $1 AND n.attempts > 0"
      "   AND n.notification_id <> $2 AND n.created_at > clock_timestamp() - interval '1 day'"
      "   AND left(n.recipient, length($4)) = $4),"
      " EXISTS (SELECT FROM sms_optouts o WHERE o.number_sha256 = $5)"
      " FROM tenants t WHERE t.tenant_id = $1",
      pg::parameters().add(one.tenant).add(one.id).add(one.recipient).add(prefix).add(number_sha256),
      limit
  );
  sms_history found;
  if (rows.empty()) return found;
  found.countries = rows.texts(0, 0);
  found.tenant_is_new = rows.boolean(0, 1);
  found.to_number_today = rows.int8(0, 2);
  found.to_prefix_today = rows.int8(0, 3);
  found.wants_none = rows.boolean(0, 4);
  return found;
}

std::optional<sms_at_provider> find_sms(pg::transaction& in, const sms_told& told) {
  const auto rows = in.execute(
      "SELECT id, now_status, tries, is_last FROM sms_that_was_sent($1, $2)",
      pg::parameters().add(told.notification).add(told.provider_id)
  );
  if (rows.empty()) return std::nullopt;
  sms_at_provider found;
  found.id = rows.uuid_at(0, 0);
  found.status = parse_notification_status(rows.text(0, 1)).value_or(notification_status::sent);
  found.attempts = rows.int4(0, 2);
  found.is_last = rows.boolean(0, 3);
  return found;
}

void conclude_sms(
    pg::transaction& in, const uuid& notification, const std::string& provider_id, const delivery_report& told
) {
  in.execute(
      "SELECT sms_came_to($1, $2, $3, $4, $5, $6)",
      pg::parameters()
          .add(notification)
          .add(provider_id)
          .add(to_string(told.status))
          .add(std::int64_t{told.delay.count()})
          .add(to_string(told.outcome.failure))
          .add(told.outcome.detail)
  );
}

void suppress_recipient_of_sms(pg::transaction& in, const uuid& notification, std::string_view reason) {
  in.execute("SELECT sms_reaches_nobody($1, $2)", pg::parameters().add(notification).add(reason));
}

void keep_wish(pg::transaction& in, const sms_wish& wish, const std::string& masked) {
  in.execute(
      "SELECT sms_number_wishes($1, $2, $3)",
      pg::parameters().add(wish.number).add(masked).add(wish.wants_none)
  );
}

} // namespace tessera::persistence
