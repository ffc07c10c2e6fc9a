#include "persistence/stores/alert_store.hpp"

#include <algorithm>
#include <string>

namespace tessera::persistence {

namespace {

using type = pg::parameters::type;

std::vector<alert_threshold> thresholds_at(const pg::rows& rows, int row, int column) {
  std::vector<alert_threshold> all;
  for (const auto& text : rows.texts(row, column))
    if (const auto one = parse_alert_threshold(text)) all.push_back(*one);
  return all;
}

} // namespace

pg::statement alert_statement(std::span<const balance_alert> alerts) {
  pg::parameters p;
  p.add_array(type::uuid, alerts, [](const balance_alert& a) { return a.account; });
  p.add_array(type::int8, alerts, [](const balance_alert& a) { return static_cast<std::int64_t>(a.seq); });
  p.add_array(type::text, alerts, [](const balance_alert& a) { return event_of(a); });
  std::vector<std::string> thresholds;
  for (const auto& each : alerts)
    thresholds.push_back(each.fell_to ? to_string(*each.fell_to) : std::string());
  p.add_array(type::text, thresholds, [](const std::string& text) -> std::string_view { return text; });
  return {"SELECT journal_alert($1,$2,$3,$4)", std::move(p)};
}

std::vector<std::pair<account_id, std::vector<alert_threshold>>> thresholds_of(
    pg::connection& session, std::span<const account_id> accounts, std::chrono::milliseconds limit
) {
  const auto rows = session.execute(
      "SELECT account_id, thresholds FROM credit_alerts WHERE account_id = ANY ($1)",
      pg::parameters().add_array(type::uuid, accounts, [](const account_id& id) { return id; }),
      limit
  );
  std::vector<std::pair<account_id, std::vector<alert_threshold>>> found;
  for (int i = 0; i < rows.size(); ++i)
    found.emplace_back(rows.id<account_id>(i, 0), thresholds_at(rows, i, 1));
  return found;
}

std::int64_t warn_of_expiry(pg::connection& session, std::int64_t most, std::chrono::milliseconds limit) {
  try {
    return session.execute("SELECT warn_of_expiry($1)", pg::parameters().add(most), limit).int8(0, 0);
  } catch (const pg::error& why) {
    // Else the same lot would keep all others from being told, for ever.
    if (why.rolled_back()) session.execute("SELECT put_off_expiry()", limit);
    throw;
  }
}

alert_settings find_alert_settings(pg::transaction& in, const alert_settings_query& query) {
  const auto rows = in.execute(
      "SELECT thresholds, expiry_days, version FROM credit_alerts WHERE tenant_id = $1 AND account_id = $2",
      pg::parameters().add(query.tenant).add(query.account)
  );
  if (rows.empty()) return {};
  return {thresholds_at(rows, 0, 0), rows.int8s(0, 1), rows.int8(0, 2)};
}

result<alert_settings> set_alert_settings(pg::transaction& in, const tessera::set_alert_settings& command) {
  in.execute(
      "SELECT FROM entities WHERE tenant_id = $1 AND account_id = $2 FOR NO KEY UPDATE",
      pg::parameters().add(command.tenant).add(command.account)
  );
  const auto there = find_alert_settings(in, {command.tenant, command.account});
  if (command.only_versions &&
      std::find(command.only_versions->begin(), command.only_versions->end(), there.version) ==
          command.only_versions->end())
    return errc::precondition_failed;
  std::vector<std::string> thresholds;
  for (const auto& each : command.wanted.thresholds)
    thresholds.push_back(to_string(each));
  pg::parameters values;
  values.add(command.tenant).add(command.account);
  values.add_array(type::text, thresholds, [](const std::string& text) -> std::string_view { return text; });
  values.add_array(type::int8, command.wanted.expiry_days, [](std::int64_t days) { return days; });
  const auto rows = in.execute(
      "INSERT INTO credit_alerts AS a (tenant_id, account_id, thresholds, expiry_days) VALUES ($1, $2, $3, "
      "$4)"
      " ON CONFLICT (account_id) DO UPDATE SET thresholds = excluded.thresholds,"
      "  expiry_days = excluded.expiry_days, version = a.version + 1, changed_at = clock_timestamp()"
      " RETURNING thresholds, expiry_days, version",
      values
  );
  return alert_settings{thresholds_at(rows, 0, 0), rows.int8s(0, 1), rows.int8(0, 2)};
}

} // namespace tessera::persistence
