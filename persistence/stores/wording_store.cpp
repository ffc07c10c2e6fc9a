#include "persistence/stores/wording_store.hpp"

#include "persistence/stores/texts.hpp"

namespace tessera::persistence {

namespace {

using type = pg::parameters::type;

/// The columns that `wording_at` reads.
#define TESSERA_WORDING_COLUMNS                                                                              \
  "n.template_key, n.channel, n.locale, n.subject, n.html, n.body, n.version::bigint, n.withdrawn,"          \
  " n.created_by, n.created_at"

stored_wording wording_at(const pg::rows& rows, int row) {
  stored_wording one;
  one.place.key = rows.text(row, 0);
  one.place.channel = parse_notification_channel(rows.bytes(row, 1)).value_or(notification_channel::email);
  one.place.locale = rows.text(row, 2);
  one.said = {rows.text(row, 3), rows.text(row, 4), rows.text(row, 5)};
  one.version = rows.int8(row, 6);
  one.withdrawn = rows.boolean(row, 7);
  one.changed_by = rows.text(row, 8);
  one.changed_at = rows.time(row, 9);
  return one;
}

std::vector<stored_wording> wordings_at(const pg::rows& rows) {
  std::vector<stored_wording> all;
  for (int i = 0; i < rows.size(); ++i)
    all.push_back(wording_at(rows, i));
  return all;
}

pg::parameters named(const tenant_id& tenant, const wording_place& place) {
  pg::parameters values;
  values.add(tenant).add(place.key).add(to_string(place.channel)).add(place.locale);
  return values;
}

} // namespace

std::vector<stored_wording> wordings_of(pg::transaction& in, const tenant_id& tenant) {
  return wordings_at(in.execute(
      "SELECT DISTINCT ON (n.template_key, n.channel, n.locale) " TESSERA_WORDING_COLUMNS
      " FROM notification_templates n WHERE n.tenant_id = $1"
      " ORDER BY n.template_key, n.channel, n.locale, n.version DESC",
      pg::parameters().add(tenant)
  ));
}

std::vector<stored_wording>
wording_versions(pg::transaction& in, const tenant_id& tenant, const wording_place& place) {
  return wordings_at(in.execute(
      "SELECT " TESSERA_WORDING_COLUMNS " FROM notification_templates n WHERE n.tenant_id = $1"
      " AND n.template_key = $2 AND n.channel = $3 AND n.locale = $4 ORDER BY n.version DESC LIMIT 100",
      named(tenant, place)
  ));
}

std::optional<stored_wording>
last_wording(pg::transaction& in, const tenant_id& tenant, const wording_place& place) {
  const auto rows = in.execute(
      "SELECT " TESSERA_WORDING_COLUMNS " FROM notification_templates n WHERE n.tenant_id = $1"
      " AND n.template_key = $2 AND n.channel = $3 AND n.locale = $4 ORDER BY n.version DESC LIMIT 1",
      named(tenant, place)
  );
  if (rows.empty()) return std::nullopt;
  return wording_at(rows, 0);
}

// As in find_stationery: what is shown is what is sent.
std::optional<wording> nearest_wording(
    pg::transaction& in,
    const tenant_id& tenant,
    const wording_place& place,
    const std::vector<std::string>& locales
) {
  pg::parameters values;
  values.add(tenant).add(place.key).add(to_string(place.channel));
  add_text_array(values, locales);
  const auto rows = in.execute(
      "SELECT v.subject, v.html, v.body FROM ("
      " SELECT DISTINCT ON (n.locale) n.* FROM notification_templates n"
      "  WHERE n.tenant_id = $1 AND n.template_key = $2 AND n.channel = $3 AND n.locale = ANY ($4)"
      "  ORDER BY n.locale, n.version DESC) AS v"
      " WHERE NOT v.withdrawn ORDER BY array_position($4, v.locale) LIMIT 1",
      values
  );
  if (rows.empty()) return std::nullopt;
  return wording{rows.text(0, 0), rows.text(0, 1), rows.text(0, 2)};
}

void lock_wording(pg::transaction& in, const tenant_id& tenant, const wording_place& place) {
  in.execute(
      "SELECT pg_advisory_xact_lock(hashtextextended($1::uuid::text || '/' || $2 || '/' || $3 || '/' || $4, "
      "0))",
      named(tenant, place)
  );
}

stored_wording insert_wording(pg::transaction& in, const word_template& command, std::int64_t version) {
  const auto said = command.said.value_or(wording{});
  auto values = named(command.tenant, command.place);
  values.add(version).add(said.subject).add(said.html).add(said.text);
  values.add(!command.said).add(command.origin.by.id);
  const auto rows = in.execute(
      "INSERT INTO notification_templates AS n (tenant_id, template_key, channel, locale, version, subject,"
      " html, body, withdrawn, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
      " RETURNING " TESSERA_WORDING_COLUMNS,
      values
  );
  return wording_at(rows, 0);
}

uuid insert_test_message(
    pg::transaction& in, const wording_place& place, const std::string& to, const template_variables& values
) {
  std::vector<std::string> names;
  std::vector<std::string> texts;
  for (const auto& [name, text] : values) {
    names.push_back(name);
    texts.push_back(text);
  }
  pg::parameters asked;
  asked.add(to_string(place.channel)).add(to).add(place.key).add(place.locale);
  add_text_array(asked, names);
  add_text_array(asked, texts);
  const auto rows = in.execute("SELECT send_test_message($1, $2, $3, $4, $5, $6)", asked);
  return rows.uuid_at(0, 0);
}

mail_look look_of(pg::transaction& in, const tenant_id& tenant) {
  const auto rows = in.execute(
      "SELECT coalesce(nullif(branding->>'displayName', ''), name), coalesce(branding->>'logoUrl', ''),"
      " coalesce(branding->>'primaryColor', '') FROM tenants WHERE tenant_id = $1",
      pg::parameters().add(tenant)
  );
  if (rows.empty()) return {};
  return {rows.text(0, 0), rows.text(0, 1), rows.text(0, 2)};
}

} // namespace tessera::persistence
