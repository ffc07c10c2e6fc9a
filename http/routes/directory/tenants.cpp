// GET and POST /api/tenants: the operator's.
#include "actors/support/email_address.hpp"
#include "http/auth/new_password.hpp"
#include "http/json/writer.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/directory/changes.hpp"
#include "http/routes/directory/directory.hpp"
#include "http/routes/directory/pages.hpp"
#include "http/routes/directory/tenant_fields.hpp"
#include "http/routing/characters.hpp"

#include <algorithm>
#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view create_tenant_template = "POST /api/tenants";

cursor_purpose list_purpose() {
  return cursor_purpose().add("GET /api/tenants");
}

response render(const tenant_page& page, const service& with, const request& request) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true).key("tenants").begin_array();
  for (const auto& each : page.tenants) {
    out.begin_object();
    write_tenant(out, each);
    out.end_object();
  }
  out.end_array();
  const auto last = page.more ? std::optional(page.tenants.back().id) : std::nullopt;
  close_page(out, answer, with, list_purpose(), request, last);
  return answer;
}

bool is_email(std::string_view text) {
  return email_key(text).has_value();
}

struct new_tenant {
  tessera::create_tenant command;
  std::string password; // of the administrator; empty: none
};

void read_admin(json::object fields, const service& with, new_tenant& into) {
  auto& admin = into.command.admin;
  admin.email = fields.string(
      "email",
      {.most = 254, .accepts = is_email, .code = "invalid_email", .expected = "Must be a mail address."}
  );
  admin.email_key = email_key(admin.email).value_or("");
  admin.first_name = fields.optional_string("firstName", {.most = 100}).value_or("");
  admin.last_name = fields.optional_string("lastName", {.most = 100}).value_or("");
  admin.role = user_role::tenant_admin;
  if (!with.hash_password) return; // then `password` is no field of ours
  const auto given = fields.optional_string("password", {.most = 64 * 1024}); // letters: bytes are judged
  if (!given) return;
  auto judged = judge_password(*given, {admin.email, admin.first_name, admin.last_name, "tessera"});
  if (!judged.flaw.empty())
    fields.reject("password", judged.flaw, "12 to 128 letters that are not easily guessed.");
  into.password = std::move(judged.text);
}

new_tenant read_new(json::object fields, const service& with) {
  new_tenant asked;
  auto& command = asked.command;
  command.id = fields.optional_string("id", id_rules).value_or("");
  command.name = fields.string("name", {.most = 200});
  command.timezone = read_timezone(fields).value_or("UTC");
  command.currency = read_currency(fields).value_or("USD");
  command.plan = read_plan(fields).value_or("free");
  read_admin(fields.need("admin").object(), with, asked);
  return asked;
}

/// Of the password only whether there is one: what is kept of a print must not tell whoever guesses.
fingerprint print_of(const new_tenant& asked) {
  const auto& c = asked.command;
  fingerprint print;
  print.add(c.id).add(c.name).add(c.timezone).add(c.currency).add(c.plan);
  return print.add(c.admin.email)
      .add(c.admin.first_name)
      .add(c.admin.last_name)
      .add(std::int64_t{!asked.password.empty()});
}

kept_answer word_made_tenant(const tenant_created& made) {
  kept_answer answer{201, {}, {}, false};
  json::writer out(answer.body);
  out.begin_object().field("success", true).field("tenantId", made.id).field("adminUserId", made.admin_user);
  out.end_object();
  return answer;
}

void make(
    service& with,
    new_tenant asked,
    const std::optional<idempotency_key>& once,
    const responder& respond,
    const request& request
) {
  carry_out<tessera::create_tenant, tenant_created>(
      with, {std::move(asked.command), once, word_made_tenant}, respond, request
  );
}

} // namespace

caller_handler tenants(service& with) {
  return [&with](request& request, responder respond, caller) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    query_reader query(request.query);
    const auto asked = read_page(query);
    if (const auto wrong = query.refusal()) return refuse(*wrong);
    list_tenants wanted{asked.limit, {}};
    if (const auto forged = open_page(with, list_purpose(), asked, wanted.after)) return refuse(*forged);
    with.behind.list(wanted, [&with, &request, respond, refuse](const result<tenant_page>& page) {
      page ? respond(render(*page, with, request)) : refuse(problem_of(page.why()));
    });
  };
}

caller_handler create_tenant(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    std::string_view key;
    if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
    json::reader reader(request.body);
    auto asked = read_new(reader.object(), with);
    if (const auto wrong = reader.refusal()) return refuse(*wrong);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    const auto once = own_key(request, who, tenant_id{}, create_tenant_template, key, print_of(asked));
    asked.command.origin = origin_of(request, who);
    if (asked.password.empty()) return make(with, std::move(asked), once, respond, request);
    const auto password = std::exchange(asked.password, {});
    with.hash_password(
        password,
        [&with, asked, once, respond, refuse, &request](const result<std::string>& hash) {
          if (!hash) return refuse(problem_of(hash.why()));
          auto complete = asked;
          complete.command.admin.password_hash = *hash;
          make(with, std::move(complete), once, respond, request);
        }
    );
  };
}

} // namespace tessera::http
