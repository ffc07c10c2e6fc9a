// PUT /api/directory: brings the tree in line with a host system, all or nothing.
#include "http/json/writer.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/directory/changes.hpp"
#include "http/routes/directory/directory.hpp"
#include "http/routes/directory/entity_json.hpp"
#include "http/routes/directory/own_applications.hpp"

#include <unordered_set>

namespace tessera::http {

namespace {

constexpr std::string_view upsert_template = "PUT /api/directory";
constexpr std::size_t most_items = 10'000; // of all kinds together
constexpr json::array_rules list_rules{.most = most_items, .code = "too_many_items"};
constexpr json::string_rules name_rules{.most = 200};

class upsert_reader {
public:
  upsert_reader(const caller& who, tessera::upsert_directory& into) : who_(who), into_(into) {}

  void read(json::object fields) {
    if (const auto list = fields.optional_array("organizations", list_rules))
      for (const auto item : *list)
        read_organization(item);
    if (const auto list = fields.optional_array("locations", list_rules))
      for (const auto item : *list)
        read_location(item);
    if (const auto list = fields.optional_array("applications", list_rules))
      for (const auto item : *list)
        read_application(item);
    if (into_.entities.size() + into_.applications.size() > most_items)
      fields.reject("organizations", "too_many_items", "At most 10,000 of all kinds together.");
  }

private:
  /// Once is enough: two wishes about one thing have no order.
  std::string unique_id(json::object& fields, std::string_view kind) {
    std::string id(fields.string("id", id_rules));
    if (!id.empty() && !seen_.insert(std::string(kind) + "/" + id).second)
      fields.reject("id", "duplicate_id", "Stands more than once.");
    return id;
  }

  void read_organization(const json::value& item) {
    auto fields = item.object();
    wanted_entity wanted;
    wanted.ref = {entity_type::organization, unique_id(fields, "organization")};
    wanted.name = fields.string("name", name_rules);
    wanted.parent = {entity_type::tenant, who_.tenant->id};
    if (!fields.is_null("parentId"))
      if (const auto parent = fields.optional_string("parentId", id_rules))
        wanted.parent = {entity_type::organization, std::string(*parent)};
    into_.entities.push_back(std::move(wanted));
  }
  void read_location(const json::value& item) {
    auto fields = item.object();
    wanted_entity wanted;
    wanted.ref = {entity_type::location, unique_id(fields, "location")};
    wanted.name = fields.string("name", name_rules);
    wanted.parent = {entity_type::organization, std::string(fields.string("organizationId", id_rules))};
    into_.entities.push_back(std::move(wanted));
  }
  void read_application(const json::value& item) {
    auto fields = item.object();
    const auto id = unique_id(fields, "application");
    into_.applications.push_back({id, std::string(fields.string("name", name_rules))});
  }

  const caller& who_;
  tessera::upsert_directory& into_;
  std::unordered_set<std::string> seen_;
};

fingerprint print_of(const tessera::upsert_directory& command) {
  fingerprint print;
  for (const auto& each : command.entities)
    print.add(to_string(each.ref.type))
        .add(each.ref.id)
        .add(each.name)
        .add(to_string(each.parent.type))
        .add(each.parent.id);
  print.add("applications");
  for (const auto& each : command.applications)
    print.add(each.id).add(each.name);
  add_versions(print, command.only_versions);
  return print;
}

kept_answer word_upserted(const directory_upserted& made) {
  kept_answer answer{200, {}, {}, false};
  json::writer out(answer.body);
  out.begin_object().field("success", true).field("created", made.created).field("updated", made.updated);
  out.field("unchanged", made.unchanged).end_object();
  return answer;
}

} // namespace

caller_handler upsert_directory(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    change_headers headers;
    if (const auto wrong = read_change(request, headers)) return refuse(*wrong);
    tessera::upsert_directory command;
    command.tenant = who.tenant->tenant;
    command.only_versions = headers.only_versions;
    json::reader reader(request.body);
    upsert_reader(who, command).read(reader.object());
    const auto wrong = reader.refusal();
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto foreign = check_application(request, who)) return refuse(*foreign);
    // The whole tree is the whole tenant's.
    for (const auto needed : {act::edit_directory, act::edit_applications})
      if (const auto refused = why_may_not(who, needed, who.tenant->tree.root())) return refuse(*refused);
    for (const auto& each : command.applications)
      if (const auto refused = why_not_use(who, each.id)) return refuse(*refused);
    if (wrong) return refuse(*wrong);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    const auto once = own_key(request, who, command.tenant, upsert_template, headers.key, print_of(command));
    command.origin = origin_of(request, who);
    carry_out<tessera::upsert_directory, directory_upserted>(
        with, {std::move(command), once, word_upserted}, respond, request
    );
  };
}

} // namespace tessera::http
