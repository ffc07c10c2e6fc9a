// POST /api/api-keys, PUT and DELETE /api/api-keys/:id.
#include "http/json/writer.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/directory/changes.hpp"
#include "http/routes/directory/directory.hpp"
#include "http/routes/directory/key_fields.hpp"

namespace tessera::http {

namespace {

constexpr std::string_view create_key_template = "POST /api/api-keys";
constexpr std::string_view edit_key_template = "PUT /api/api-keys/:id";
constexpr std::string_view revoke_template = "DELETE /api/api-keys/:id";

void add_scopes(fingerprint& print, const std::vector<std::string>& scopes) {
  fingerprint list;
  for (const auto& each : scopes)
    list.add(each);
  print.add("scopes").add(list.text());
}
void add_expiry(fingerprint& print, const std::optional<time_point>& at) {
  print.add("expires").add(at ? to_microseconds(*at) : -1);
}

/// The key is shown in the first answer only: what is kept has none.
kept_answer word_created(const api_key_created& made) {
  kept_answer answer{201, {}, {}, false};
  json::writer out(answer.body);
  out.begin_object().field("success", true).field("keyId", made.id);
  made.key.empty() ? out.field("secretShown", true) : out.field("key", made.key);
  out.end_object();
  return answer;
}

struct key_request {
  tessera::create_api_key command;
  std::optional<entity_ref> entity;
};

key_request read_new(json::object fields) {
  key_request asked;
  asked.command.name = fields.string("name", {.most = 200});
  fields.need("scopes");
  asked.command.scopes = read_scopes(fields).value_or(std::vector<std::string>{});
  const bool is_bound = fields.has("entityType") || fields.has("entityId");
  if (is_bound) asked.entity = read_entity(fields);
  if (const auto application = fields.optional_string("application", id_rules))
    asked.command.application = *application;
  asked.command.expires_at = read_expiry(fields).value_or(std::nullopt);
  return asked;
}

/// Entity and application as the caller may name them; what is wrong with the binding.
std::optional<problem> bind(key_request& asked, const caller& who) {
  const directory_entity* entity = nullptr;
  auto& command = asked.command;
  if (asked.entity) {
    const auto at = find_entity(who, act::manage_keys, *asked.entity);
    if (at.refused) return at.refused;
    entity = at.found;
    command.bound_to = entity->account;
  }
  if (const auto refused = why_not_give(who, command.scopes, entity, command.application)) return refused;
  if (!command.application.empty() && !who.tenant->applications.contains(command.application))
    return judge_unknown(who, problem_of(errc::application_unknown));
  return std::nullopt;
}

} // namespace

caller_handler create_api_key(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    std::string_view key;
    if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
    json::reader reader(request.body);
    auto asked = read_new(reader.object());
    auto wrong = reader.refusal();
    if (wrong && (wrong->status == 400 || (asked.entity && !is_valid_id(asked.entity->id))))
      return refuse(*wrong);
    if (const auto foreign = check_application(request, who)) return refuse(*foreign);
    if (const auto refused = bind(asked, who)) return refuse(*refused);
    if (wrong) return refuse(*wrong);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    auto& command = asked.command;
    command.tenant = who.tenant->tenant;
    fingerprint print;
    print.add(command.name).add(command.application);
    if (asked.entity) print.add(to_string(asked.entity->type)).add(asked.entity->id);
    add_scopes(print, command.scopes);
    add_expiry(print, command.expires_at);
    const auto once = own_key(request, who, command.tenant, create_key_template, key, print);
    command.origin = origin_of(request, who);
    with.behind.change(
        repeatable<tessera::create_api_key, api_key_created>{std::move(command), once, word_created},
        [respond, refuse](const result<kept_answer>& told) {
          if (!told) return refuse(problem_of(told.why()));
          auto answer = to_response(*told);
          answer.headers.emplace_back("Cache-Control", "no-store");
          respond(std::move(answer));
        }
    );
  };
}

namespace {

/// A refusal is the same whether it is found before the transaction or in it.
rejection rejection_of(const problem& why) {
  for (const auto code : {errc::entity_out_of_scope, errc::application_forbidden})
    if (why.code == to_string(code)) return {code, why.detail};
  return {errc::insufficient_role, why.detail};
}

/// Whether the caller may leave a key with so much. What it is bound to may have gone from the snapshot.
rejection judge(const caller& who, const api_key_view& after) {
  const auto* entity = after.bound_to ? who.tenant->find(*after.bound_to) : nullptr;
  const auto refused = why_not_give(who, after.scopes, entity, after.application);
  return refused ? rejection_of(*refused) : rejection();
}

std::optional<problem> read_edit(const request& request, tessera::edit_api_key& into) {
  json::reader reader(request.body);
  auto fields = reader.object();
  if (const auto same = fields.optional_string("keyId", id_rules); same && *same != into.id)
    fields.reject("keyId", "invalid_value", "A key keeps its id.");
  if (const auto name = fields.optional_string("name", {.most = 200})) into.name = *name;
  into.scopes = read_scopes(fields);
  into.expires_at = read_expiry(fields);
  return reader.refusal();
}

fingerprint print_of(const tessera::edit_api_key& command) {
  fingerprint print;
  print.add(command.id).add(command.name.value_or(""));
  if (command.scopes) add_scopes(print, *command.scopes);
  if (command.expires_at) add_expiry(print, *command.expires_at);
  add_versions(print, command.only_versions);
  return print;
}

} // namespace

caller_handler edit_api_key(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    change_headers headers;
    if (const auto wrong = read_change(request, headers)) return refuse(*wrong);
    tessera::edit_api_key command;
    command.tenant = who.tenant->tenant;
    command.part = part_of(who, act::manage_keys);
    command.id = request.parameters.front();
    command.only_versions = headers.only_versions;
    const auto wrong = read_edit(request, command);
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto foreign = check_application(request, who)) return refuse(*foreign);
    if (wrong) return refuse(*wrong);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    if (!is_valid_id(command.id)) return refuse(problem_of(errc::api_key_unknown));
    const auto once =
        own_key(request, who, command.tenant, edit_key_template, headers.key, print_of(command));
    command.origin = origin_of(request, who);
    command.judge = [who](const api_key_view& after) { return judge(who, after); };
    carry_out<tessera::edit_api_key, api_key_view>(
        with, {std::move(command), once, word_api_key}, respond, request
    );
  };
}

caller_handler revoke_api_key(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    change_headers headers;
    if (const auto wrong = read_change(request, headers)) return refuse(*wrong);
    if (const auto foreign = check_application(request, who)) return refuse(*foreign);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    tessera::revoke_api_key command;
    command.tenant = who.tenant->tenant;
    command.part = part_of(who, act::manage_keys);
    command.id = request.parameters.front();
    command.only_versions = headers.only_versions;
    if (!is_valid_id(command.id)) return refuse(problem_of(errc::api_key_unknown));
    fingerprint print;
    add_versions(print.add(command.id), command.only_versions);
    const auto once = own_key(request, who, command.tenant, revoke_template, headers.key, print);
    command.origin = origin_of(request, who);
    const auto word = [](const api_key_revoked& gone) { return word_id("keyId", gone.id); };
    carry_out<tessera::revoke_api_key, api_key_revoked>(
        with, {std::move(command), once, word}, respond, request
    );
  };
}

} // namespace tessera::http
