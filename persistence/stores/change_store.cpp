#include "persistence/stores/change_store.hpp"

#include <algorithm>

namespace tessera::persistence {

namespace {

using type = pg::parameters::type;

void add_roots(pg::parameters& into, const visible_part& part, bool descendants) {
  std::vector<account_id> roots;
  for (const auto& each : part.parts)
    if (each.descendants == descendants) roots.push_back(each.root);
  into.add_array(type::uuid, roots, [](const account_id& id) { return id; });
}

} // namespace

void lock_directory(pg::transaction& in, const tenant_id& tenant) {
  in.execute("SELECT lock_directory($1)", pg::parameters().add(tenant));
}

void await_directory(pg::transaction& in, const tenant_id& tenant) {
  in.execute("SELECT FROM tenants WHERE tenant_id = $1 FOR NO KEY UPDATE", pg::parameters().add(tenant));
}

void note_change(
    pg::transaction& in,
    const tenant_id& tenant,
    const change_origin& origin,
    std::string_view act,
    const std::string& subject
) {
  in.execute(
      "INSERT INTO directory_changes (tenant_id, act, subject, principal_kind, principal_id, "
      "principal_application, request_id) VALUES ($1, $2, $3, $4, $5, $6, $7)",
      pg::parameters()
          .add(tenant)
          .add(act)
          .add(subject)
          .add(static_cast<std::int16_t>(origin.by.kind))
          .add(origin.by.id)
          .add(origin.by.application)
          .add(origin.request_id)
  );
}

errc check_version(const seen_versions& seen, std::int64_t version) {
  if (!seen || std::find(seen->begin(), seen->end(), version) != seen->end()) return errc::ok;
  return errc::precondition_failed;
}

pg::parameters& add_part(pg::parameters& into, const visible_part& part) {
  add_roots(into, part, true);
  add_roots(into, part, false);
  return into.add(part.everything);
}

} // namespace tessera::persistence
