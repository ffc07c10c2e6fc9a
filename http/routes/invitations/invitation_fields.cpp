#include "http/routes/invitations/invitation_fields.hpp"

#include "http/auth/invitation_access.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routing/rejections.hpp"

#include <algorithm>

namespace tessera::http {

wanted_grant read_wanted_grant(json::object& fields) {
  wanted_grant wanted;
  if (const auto role =
          fields.optional_choice("role", {"user", "location_manager", "organization_admin", "tenant_admin"}))
    wanted.role = static_cast<user_role>(*role + 1);
  if (const auto items =
          fields.optional_array("entityAssignments", {.most = 100, .code = "too_many_assignments"})) {
    wanted.assignments.emplace();
    for (const auto item : *items) {
      auto each = item.object();
      auto ref = read_entity(each);
      const auto role = each.choice("role", {"viewer", "editor"});
      wanted.assignments->emplace_back(std::move(ref), static_cast<entity_role>(role + 1));
    }
  }
  if (const auto items = fields.optional_array("applicationAccess", {.most = 100})) {
    wanted.applications.emplace();
    for (const auto item : *items)
      if (std::string id(item.string(id_rules));
          std::find(wanted.applications->begin(), wanted.applications->end(), id) ==
          wanted.applications->end())
        wanted.applications->push_back(std::move(id));
  }
  return wanted;
}

void add(fingerprint& print, const wanted_grant& wanted) {
  print.add(wanted.role ? to_string(*wanted.role) : "");
  if (wanted.assignments)
    for (const auto& [ref, role] : *wanted.assignments)
      print.add("at").add(to_string(ref.type)).add(ref.id).add(to_string(role));
  print.add(std::int64_t{wanted.assignments.has_value()});
  if (wanted.applications)
    for (const auto& each : *wanted.applications)
      print.add("for").add(each);
  print.add(std::int64_t{wanted.applications.has_value()});
}

std::optional<problem>
find_assignments(const caller& who, const wanted_grant& wanted, std::vector<assignment>& into) {
  if (!wanted.assignments) return std::nullopt;
  for (const auto& [ref, role] : *wanted.assignments) {
    if (!is_valid_id(ref.id)) continue;
    auto search = find_entity(who, act::invite, ref);
    if (search.refused) return std::move(search.refused);
    into.push_back({search.found->account, ref, role});
  }
  return std::nullopt;
}

std::optional<std::string> read_name(json::object& fields, std::string_view name) {
  const auto said = fields.optional_string(
      name,
      {.most = 100,
       .accepts = is_plain_name,
       .code = "invalid_name",
       .expected = "A name has no control characters and no web address."}
  );
  return said ? std::optional(std::string(*said)) : std::nullopt;
}

problem field_problem(std::string_view code, std::string pointer, std::string detail) {
  auto p = simple_problem(422, code, "The request is understood and not valid", detail);
  p.errors.push_back({std::move(pointer), code, std::move(detail)});
  return p;
}

} // namespace tessera::http
