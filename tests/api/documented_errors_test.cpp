// Every operation × every code that any operation may list: it is answered where the document says so. What
// belongs to one operation has tests of its own; `openapi_answers` says when one is missing.
#include "tests/api/access_table.hpp"
#include "tests/api/documented_codes.hpp"
#include "tests/api/people_world.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <regex>
#include <thread>

namespace tessera::test {

namespace {

/// A call, and who makes it.
struct attempted_call {
  std::string principal;
  http_request request;
};
/// Several when it depends on the operation which of them is refused so.
using attempts = std::vector<attempted_call>;

class DocumentedErrorsTest : public testing::Test {
protected:
  /// Besides those of the matrix: a key for one application, and somebody with a role nowhere. The tenant
  /// sells by itself.
  struct furnished_world : people_world {
    furnished_world() {
      const auto editable =
          service.operator_client().put("/api/tenants/acme", R"({"policies":{"managesCredits":true}})");
      if (editable.status() != 200) throw std::runtime_error(editable.response.body);
      tokens["of_crm"] = service.create_api_key(tenant, scopes, "crm");
      service.create_user(tenant, "idle@acme.test", "correct horse battery");
      tokens["idle"] = text_at(service.sign_in("idle@acme.test", "correct horse battery"), "/accessToken");
      service.create_user(tenant, "guest@acme.test", "correct horse battery");
      sql("UPDATE users SET email_verified_at = clock_timestamp() WHERE email_key = 'guest@acme.test'");
      tokens["guest"] = text_at(service.sign_in("guest@acme.test", "correct horse battery"), "/accessToken");
      sign_in_again();
      invite_again();
      const auto linked = client_of("key").post(
          "/api/invitation-links",
          R"({"entityAssignments":[{"entityType":"organization","entityId":"org-own","role":"viewer"}]})"
      );
      link = text_at(linked.response.body, "/linkToken");
    }
    /// Of guest, whose address is verified, by its id. Each is to another entity.
    std::string own_invitation() {
      static constexpr const char* entities[] = {
          R"("organization","entityId":"org-own")",
          R"("organization","entityId":"org-sib")",
          R"("location","entityId":"loc-own")",
          R"("location","entityId":"loc-sib")"};
      const std::string to = entities[own_invitations_++ % std::size(entities)];
      const auto made = client_of("key").post(
          "/api/invitations",
          R"({"email":"guest@acme.test","onConflict":"replace","entityAssignments":[{"entityType":)" + to +
              R"(,"role":"viewer"}]})"
      );
      return text_at(made.response.body, "/invitationId");
    }
    /// Of a new invitation: who accepts or declines one ends it.
    std::string invitation_token() {
      invitee = "invitee-" + std::to_string(++invitees_) + "@acme.test";
      const auto made = client_of("key").post(
          "/api/invitations",
          R"({"email":")" + invitee +
              R"(","firstName":"Ann","lastName":"Lee","entityAssignments":)"
              R"([{"entityType":"organization","entityId":"org-own","role":"viewer"}]})"
      );
      return text_at(made.response.body, "/invitationToken");
    }
    void invite_again() { invitation = invitation_token(); }
    /// For a token that is still good: who uses one twice loses the session.
    void sign_in_again() {
      refresh_token = text_at(service.sign_in("idle@acme.test", "correct horse battery"), "/refreshToken");
    }
    /// A webhook of `whe-own` that nobody took, by its id.
    std::string dead_delivery() {
      const auto id = "0198f1c2-7a3e-7b0c-9d4e-5f60718293" + std::to_string(10 + deliveries_++);
      sql("INSERT INTO notifications (notification_id, tenant_id, outbox_id, kind, channel, recipient, "
          "status)"
          " SELECT '" +
          id +
          "', tenant_id, gen_random_uuid(), 'invitation.expired', 'webhook', 'whe-own', 'dead' FROM tenants"
          " WHERE id = 'acme'");
      return id;
    }
    /// Those that `body_of` brings become good: they are idle's.
    void mail_tokens() {
      for (const auto& [purpose, prefix] : {std::pair{"password_reset", "tsp_"}, {"verify_email", "tsv_"}})
        sql("INSERT INTO account_tokens (token_id, tenant_id, user_id, purpose, email_key, token_sha256, "
            "expires_at) SELECT gen_random_uuid(), tenant_id, user_id, '" +
            std::string(purpose) + "', email_key, sha256(('" + prefix +
            "' || repeat('a', 43))::bytea), clock_timestamp() + interval '1 hour' FROM users"
            " WHERE email_key = 'idle@acme.test'");
    }
    std::string refresh_token;
    std::string invitation;
    std::string invitee; // its address
    std::string link;    // the token of one

  private:
    int invitees_ = 0;
    int deliveries_ = 0;
    std::size_t own_invitations_ = 0;
  };
  static furnished_world& world() {
    static furnished_world one; // of its own: it is changed here
    return one;
  }
  static const std::string& document() {
    static const auto text = world().service.client().get("/openapi.json").response.body;
    return text;
  }
  static const documented_codes& documented() {
    static const auto codes = read_documented_codes(document());
    return codes;
  }
  static const access_table& table() {
    static const auto read = read_access_table(TESSERA_ACCESS_MATRIX);
    return read;
  }

  static bool lists(const access_block& block, int status, const std::string& code) {
    const auto& all = documented().at(block.name());
    return all.contains(status) && all.at(status).contains(code);
  }

  static bool takes_invitation_token(const access_block& block) {
    return takes_link_token(block) ||
           (block.path.starts_with("/api/invitations/") &&
            (block.path.ends_with("/lookup") || block.path.ends_with("/accept") ||
             block.path.ends_with("/decline") || block.path.ends_with("/request-new")));
  }
  static bool takes_link_token(const access_block& block) {
    return block.path == "/api/invitation-links/lookup" || block.path == "/api/invitation-links/join";
  }

  static bool takes_own_invitation(const access_block& block) {
    return block.path.starts_with("/api/me/invitations/");
  }

  static constexpr auto form_type = "application/x-www-form-urlencoded";
  static bool takes_form(const access_block& block) { return block.path.starts_with("/webhooks/sms"); }

  static bool ends_something(const access_block& block) {
    return block.method == "DELETE" || block.path.ends_with("/accept") || block.path.ends_with("/decline") ||
           block.path.ends_with("/release") || block.path.ends_with("/logout");
  }

  static bool sends_again(const access_block& block) {
    return block.path.ends_with("/retry") || block.path.ends_with("/replay");
  }

  /// Somebody who may, where anybody may: a key, else whoever has the most to say.
  static std::string allowed(const access_block& block) {
    const auto& row = block.places.contains("own") ? block.places.at("own") : block.places.at("any");
    for (const auto* first : {"key", "tenant_admin", "operator"})
      for (std::size_t i = 0; i < row.size(); ++i)
        if (table().principals[i] == first && row[i] != 401 && row[i] != 403) return first;
    return "nobody";
  }

  static std::string filled(std::string text, const std::map<std::string, std::string>& values) {
    for (const auto& [placeholder, value] : values)
      for (auto at = text.find(placeholder); at != text.npos; at = text.find(placeholder, at + value.size()))
        text.replace(at, placeholder.size(), value);
    return text;
  }

  /// The matrix signs nobody in.
  static std::string body_of(const access_block& block) {
    if (block.path == "/api/auth/login")
      return R"({"email":"idle@acme.test","password":"correct horse battery"})";
    if (block.path == "/api/auth/refresh") return R"({"refreshToken":")" + world().refresh_token + "\"}";
    if (block.path == "/api/auth/logout") return R"({"refreshToken":"of-nobody"})";
    if (block.path == "/api/invitations/accept")
      return R"({"acceptTerms":true,"password":"a horse of correct staples",)"
             R"("confirmPassword":"a horse of correct staples","token":")" +
             world().invitation + "\"}";
    if (takes_link_token(block))
      return R"({"token":")" + world().link +
             (block.path.ends_with("/join") ? R"(","email":"$NEW@acme.test"})" : "\"}");
    if (takes_invitation_token(block)) return R"({"token":")" + world().invitation + "\"}";
    if (block.path == "/api/auth/password/forgot") return R"({"email":"idle@acme.test"})";
    if (block.path == "/api/auth/password/reset")
      return R"({"token":"tsp_)" + std::string(43, 'a') +
             R"(","password":"a horse that runs","confirmPassword":"a horse that runs"})";
    if (block.path == "/api/auth/email/verify") return R"({"token":"tsv_)" + std::string(43, 'a') + "\"}";
    return block.body;
  }

  /// What a call that ends something names: nothing, so that it stays for the next one; or something that is
  /// there.
  enum class names { nothing, what_is_there };

  /// A call that nothing is wrong with.
  static attempted_call sound(
      const access_block& block,
      const std::string& place = "own",
      std::string principal = {},
      names what = names::nothing
  ) {
    if (principal.empty()) principal = takes_invitation_token(block) ? "nobody" : allowed(block);
    auto values = world().values(principal, place);
    if (what == names::what_is_there)
      for (const auto* kind : {"KEY", "USER", "APPLICATION", "INVITATION", "LINK", "ENDPOINT"})
        values[std::string("$GONE_") + kind] = values[std::string("$") + kind];
    http_request request{block.method, filled(block.target, values), {}, filled(body_of(block), values)};
    request.headers = {{"X-Application", "crm"}};
    if (takes_form(block)) request.headers.emplace_back("Content-Type", form_type);
    if (principal == "operator") request.headers.emplace_back("X-Tenant", world().tenant);
    return {principal, request};
  }

  static attempted_call with_header(attempted_call call, const std::string& name, const std::string& value) {
    std::erase_if(call.request.headers, [&](const auto& header) { return header.first == name; });
    call.request.headers.emplace_back(name, value);
    return call;
  }
  static attempted_call without_header(attempted_call call, const std::string& name) {
    std::erase_if(call.request.headers, [&](const auto& header) { return header.first == name; });
    return call;
  }
  static attempted_call with_query(attempted_call call, const std::string& query) {
    auto& target = call.request.target;
    target += (target.find('?') == target.npos ? "?" : "&") + query;
    return call;
  }
  static attempted_call with_body(attempted_call call, const std::string& body) {
    call.request.body = body;
    return call;
  }

  /// With a body that is yet to come.
  static attempted_call announced(const access_block& block) {
    const auto* type = takes_form(block) ? form_type : "application/json";
    return with_header(with_body(sound(block), ""), "Content-Type", type);
  }

  /// What a simulation is asked to try.
  static attempted_call
  trying(attempted_call call, const std::string& operation, const std::string& request) {
    return with_body(std::move(call), R"({"operation":")" + operation + R"(","request":)" + request + "}");
  }
  static bool simulates(const access_block& block) { return block.path.ends_with("/simulate"); }

  static http_exchange send(const attempted_call& call) {
    auto client = world().service.client(world().tokens.at(call.principal));
    client.set_timeout(milliseconds{30'000});
    auto answer = client.send(call.request);
    if (call.request.target == "/api/credits/freeze" && answer.status() == 200)
      client.send(thaw(call).request); // so that the next ones find it as it was
    return answer;
  }
  static attempted_call thaw(attempted_call call) {
    call.request.target = "/api/credits/unfreeze";
    return without_header(std::move(call), "Idempotency-Key");
  }

  /// What takes more than a call of this world's: whoever is overtaken by somebody else (the stores' tests do
  /// that), an account at the payment provider (PaymentFailuresTest), an invitation that the caller sees and
  /// may not change, that was accepted or waits for approval (InvitationsTest, InvitationAccessTest), files
  /// and jobs of their own (BulkInvitationsTest).
  static bool needs_more(const access_block& block, const std::string& code) {
    const auto& path = block.path;
    if (code == "parent_unknown")
      return block.method == "PUT" && (path == "/api/organizations/{id}" || path == "/api/locations/{id}");
    if (path.starts_with("/webhooks/")) return code == "outcome_unknown" || code == "database_unavailable";
    if (path.starts_with("/api/credits/payment-methods") || path.ends_with("/mark-paid"))
      return code == "outcome_unknown" || code == "idempotency_key_reused";
    if (path == "/api/invitations/bulk") return code == "validation_failed" || code == "too_many_items";
    if (path.starts_with("/api/invitations/bulk/")) return code == "idempotency_key_reused";
    if (path.starts_with("/api/credits/fraud"))
      return code == "idempotency_key_reused" || (code == "outcome_unknown" && block.method == "POST");
    if (path.ends_with("/invoice") && code == "duplicate_parameter") return true; // of a value that is good
    if (path == "/api/invitation-links/lookup") return code == "outcome_unknown";
    if (path == "/api/invitation-links/{id}" && code == "entity_out_of_scope") return true;
    if (path.ends_with("/request-new")) return code == "outcome_unknown"; // of a good token: nothing happens
    if (path.ends_with("/revoke-access") || path.ends_with("/approve") || path.ends_with("/reject"))
      return code == "outcome_unknown" || code == "idempotency_key_reused" || code == "entity_out_of_scope";
    return code == "entity_out_of_scope" && block.method != "GET" &&
           (path == "/api/invitations/{id}" || path == "/api/invitations/resend/{id}");
  }

  /// Where something is that a call may end; it was made for it.
  static std::string made_to_end(const access_block& block) {
    static int made_before = 0;
    const auto number = std::to_string(++made_before);
    const auto made = [](const std::string& route, const std::string& body, const std::string& id) {
      const bool is_the_admins =
          route == "/api/api-keys" || route == "/api/webhook-endpoints" || route == "/api/suppressions";
      auto maker = world().client_of(is_the_admins ? "tenant_admin" : "key");
      return text_at(maker.post(route, body).response.body, "/" + id);
    };
    if (block.path.ends_with("/release"))
      return "/api/credits/holds/" +
             made(
                 "/api/credits/holds",
                 R"({"entityType":"organization","entityId":"org-own","credits":1})",
                 "holdId"
             ) +
             "/release";
    if (takes_own_invitation(block))
      return std::regex_replace(block.path, std::regex(R"(\{id\})"), world().own_invitation());
    if (block.path.ends_with("/retry")) return "/api/notifications/" + world().dead_delivery() + "/retry";
    if (block.path.ends_with("/replay"))
      return "/api/webhook-endpoints/whe-own/deliveries/" + world().dead_delivery() + "/replay";
    if (block.path == "/api/organizations/{id}")
      return "/api/organizations/" + made("/api/organizations", R"({"name":"To end"})", "organizationId");
    if (block.path == "/api/locations/{id}")
      return "/api/locations/" +
             made("/api/locations", R"({"name":"To end","organizationId":"org-own"})", "locationId");
    if (block.path == "/api/applications/{id}")
      return "/api/applications/" +
             made("/api/applications", R"({"name":"To end","id":"to-end-)" + number + "\"}", "applicationId");
    if (block.path == "/api/api-keys/{id}")
      return "/api/api-keys/" +
             made("/api/api-keys", R"({"name":"To end","scopes":["credits:read"]})", "keyId");
    if (block.path == "/api/webhook-endpoints/{id}")
      return "/api/webhook-endpoints/" +
             made(
                 "/api/webhook-endpoints",
                 R"({"url":"https://example.com/hooks","events":["invitation.expired"]})",
                 "endpointId"
             );
    if (block.path == "/api/suppressions/{id}")
      return "/api/suppressions/" +
             made(
                 "/api/suppressions", R"({"channel":"email","recipient":"to-end@acme.test"})", "suppressionId"
             );
    if (block.path == "/api/notification-templates/{key}/{channel}/{locale}") {
      const auto place = "/api/notification-templates/creditExpiring/email/en";
      world().client_of("tenant_admin").put(place, R"({"subject":"S","html":"H","text":"T"})");
      return place;
    }
    if (block.path == "/api/invitations/{id}") {
      const auto email = "to-end-" + number + "@acme.test";
      const auto at = R"([{"entityType":"organization","entityId":"org-own","role":"viewer"}])";
      return "/api/invitations/" + made(
                                       "/api/invitations",
                                       R"({"email":")" + email + R"(","entityAssignments":)" + at + "}",
                                       "invitationId"
                                   );
    }
    if (block.path == "/api/invitation-links/{id}")
      return "/api/invitation-links/" +
             made(
                 "/api/invitation-links",
                 R"({"entityAssignments":[{"entityType":"organization","entityId":"org-own","role":"viewer"}]})",
                 "linkId"
             );
    if (block.path == "/api/users/{id}") {
      const auto email = "to-end-" + number + "@acme.test";
      return "/api/users/" + world().service.create_user(world().tenant, email, "correct horse battery");
    }
    return {};
  }

  /// By the one whose invitation it is.
  static attempted_call of_guest(const access_block& block) {
    auto call = sound(block, "own", "guest");
    call.request.target = made_to_end(block);
    return call;
  }

  static std::string code_of(const http_exchange& answer) { return text_at(answer.response.body, "/code"); }

  /// Of every operation that lists the code, one of the attempts must be refused with it. Others are asked
  /// once too: what they answer must be documented (`openapi_answers`).
  static void expect_where_listed(
      int status, const std::string& code, const std::function<attempts(const access_block&)>& attempts_at
  ) {
    int asked = 0;
    for (const auto& block : table().blocks) {
      if (needs_more(block, code)) continue;
      if (!lists(block, status, code)) {
        if (const auto others = attempts_at(block); !ends_something(block) && !others.empty())
          send(others.front());
        continue;
      }
      ++asked;
      std::string heard;
      bool found = false;
      for (const auto& call : attempts_at(block)) {
        const auto answer = send(call);
        found = answer.status() == status && code_of(answer) == code;
        if (found) break;
        heard += "\n  " + call.request.target.substr(0, 100) + " by " + call.principal + ": " +
                 std::to_string(answer.status()) + " " + code_of(answer);
      }
      EXPECT_TRUE(found) << block.name() << " lists " << status << " " << code << " and answered" << heard;
    }
    EXPECT_GT(asked, 0) << code;
  }

  /// The same, all at once: each waits for something.
  static void expect_where_listed_at_once(
      int status, const std::string& code, const std::function<attempts(const access_block&)>& attempts_at
  ) {
    struct asked_calls {
      std::string name;
      attempts calls;
      std::string heard;
      bool found = false;
    };
    std::vector<asked_calls> all;
    for (const auto& block : table().blocks)
      if (lists(block, status, code) && !needs_more(block, code))
        all.push_back({block.name(), attempts_at(block), {}});
    {
      std::vector<std::jthread> threads;
      for (auto& each : all)
        threads.emplace_back([&each, &code] {
          for (const auto& call : each.calls) {
            const auto heard = code_of(send(call));
            each.heard += " " + heard;
            each.found = each.found || heard == code;
          }
        });
    }
    EXPECT_FALSE(all.empty());
    for (const auto& each : all)
      EXPECT_TRUE(each.found) << each.name << " lists " << code << " and answered" << each.heard;
  }

  /// The parameters of the query that the operation has.
  static std::vector<std::string> query_parameters(const access_block& block) {
    auto method = block.method;
    for (auto& letter : method)
      letter = static_cast<char>(std::tolower(letter));
    const auto here =
        "/paths/" + std::regex_replace(block.path, std::regex("/"), "~1") + "/" + method + "/parameters";
    std::vector<std::string> names;
    for (std::size_t i = 0; i < size_at(document(), here).value_or(0); ++i) {
      auto at = here + "/" + std::to_string(i);
      if (const auto ref = text_at(document(), at + "/$ref"); !ref.empty()) at = ref.substr(1);
      if (text_at(document(), at + "/in") == "query") names.push_back(text_at(document(), at + "/name"));
    }
    return names;
  }

  /// Everybody, the one who may first.
  static std::vector<std::string> principals(const access_block& block) {
    std::vector<std::string> all{allowed(block)};
    for (const auto& [each, token] : world().tokens)
      if (each != all.front()) all.push_back(each);
    return all;
  }
};

/// What a mailed token sets.
std::string new_password(const std::string& password) {
  return R"({"token":"tsp_none","password":")" + password + R"(","confirmPassword":")" + password + "\"}";
}

/// The body with another value of that member.
std::string with_value(const std::string& body, const std::string& name, const std::string& value) {
  const std::regex member("\"" + name + R"re(":("[^"]*"|\[[^\]]*\]|[^,}]*))re");
  return std::regex_replace(body, member, "\"" + name + "\":" + value);
}

/// The body with another password, said twice.
std::string with_password(const std::string& body, const std::string& password) {
  const auto value = "\"" + password + "\"";
  return with_value(with_value(body, "password", value), "confirmPassword", value);
}

/// Members in front of all others.
std::string with_members(const std::string& body, const std::string& members) {
  if (!body.starts_with('{')) return "{" + members + "}";
  return "{" + members + (body.starts_with("{}") ? "" : ",") + body.substr(1);
}

} // namespace

TEST_F(DocumentedErrorsTest, WhatCannotBeRead) {
  expect_where_listed(400, "malformed_request", [](const access_block& block) -> attempts {
    auto call = sound(block);
    if (block.method == "GET") return {with_body(call, "{}")};
    call.request.headers.emplace_back("Content-Length", "3");
    call.request.headers.emplace_back("Content-Length", "4");
    return {with_body(call, "{ }")};
  });
  expect_where_listed(400, "malformed_query", [](const access_block& block) -> attempts {
    return {with_query(sound(block), "a=%zz")};
  });
  expect_where_listed(400, "invalid_json", [](const access_block& block) -> attempts {
    return {with_body(sound(block), "{\"a\"")};
  });
  expect_where_listed(400, "invalid_type", [](const access_block& block) -> attempts {
    const auto call = sound(block);
    attempts all{with_body(call, "[1]"), with_body(call, "1")};
    for (const auto& name : names_at(call.request.body, ""))
      for (const auto* value : {"[]", "7", "{}"})
        all.push_back(with_body(call, std::string("{\"") + name + "\":" + value + "}"));
    return all;
  });
  expect_where_listed(400, "invalid_idempotency_key", [](const access_block& block) -> attempts {
    return {with_header(sound(block), "Idempotency-Key", std::string(256, 'k'))};
  });
  expect_where_listed(400, "invalid_if_match", [](const access_block& block) -> attempts {
    return {with_header(sound(block), "If-Match", "v1")};
  });
  expect_where_listed(400, "invalid_cursor", [](const access_block& block) -> attempts {
    return {with_query(sound(block), "cursor=nobody-gave-this")};
  });
  expect_where_listed(415, "unsupported_media_type", [](const access_block& block) -> attempts {
    return {with_body(with_header(sound(block), "Content-Type", "text/plain"), "{}")};
  });
  expect_where_listed(413, "body_too_large", [](const access_block& block) -> attempts {
    return {with_header(announced(block), "Content-Length", "999999999")};
  });
}

TEST_F(DocumentedErrorsTest, WhoCallsAndForWhich) {
  expect_where_listed(401, "unauthorized", [](const access_block& block) -> attempts {
    const auto call = sound(block, "own", "nobody");
    const auto by_a_key = with_header(call, "Authorization", "Bearer tsk_" + std::string(43, 'a'));
    return {call, with_body(call, ""), by_a_key};
  });
  expect_where_listed(400, "tenant_required", [](const access_block& block) -> attempts {
    return {without_header(sound(block, "own", "operator"), "X-Tenant")};
  });
  expect_where_listed(404, "tenant_unknown", [](const access_block& block) -> attempts {
    const auto call = with_header(sound(block, "own", "operator"), "X-Tenant", "nobodys");
    auto named = call;
    named.request.target = std::regex_replace(named.request.target, std::regex("acme"), "nobodys");
    return {call, named};
  });
  expect_where_listed(400, "application_required", [](const access_block& block) -> attempts {
    attempts all;
    for (const auto& each : principals(block))
      all.push_back(without_header(sound(block, "own", each), "X-Application"));
    return all;
  });
  expect_where_listed(422, "unknown_application", [](const access_block& block) -> attempts {
    return {with_header(sound(block), "X-Application", "nobodys")};
  });
  expect_where_listed(403, "application_forbidden", [](const access_block& block) -> attempts {
    attempts all;
    for (const auto& each : principals(block))
      for (const auto* place : {"own", "sibling"})
        if (!ends_something(block) || each != allowed(block))
          all.push_back(with_header(sound(block, place, each), "X-Application", "app-of-acme"));
    all.push_back(sound(block, "sibling", "organization_admin")); // of a path that names one
    return all;
  });
  for (const auto* code : {"insufficient_scope", "insufficient_role", "entity_out_of_scope"})
    expect_where_listed(403, code, [](const access_block& block) -> attempts {
      attempts all;
      for (const auto* each :
           {"scopeless", "idle", "viewer", "bound", "editor", "key", "organization_admin", "operator"})
        for (const auto* place : {"sibling", "own"}) // those who may not come first: nothing is ended
          all.push_back(sound(block, place, each));
      for (const auto* filter :
           {"parentId=org-sib", "organizationId=org-sib", "entityType=organization&entityId=org-sib"})
        if (block.method == "GET") all.push_back(with_query(sound(block, "own", "bound"), filter));
      return all;
    });
  expect_where_listed(403, "not_the_holder", [](const access_block& block) -> attempts {
    const auto call = sound(block, "own", "editor");
    const auto capture = filled(R"({"holdId":"$HOLD","credits":1})", world().values("editor", "own"));
    return {simulates(block) ? trying(call, "capture", capture) : call};
  });
  // As a page of somebody else's would make it.
  expect_where_listed(403, "cross_origin_request", [](const access_block& block) -> attempts {
    const auto cookies = "__Host-tessera-access=" + world().tokens.at("tenant_admin") +
                         "; __Host-tessera-refresh=" + world().refresh_token;
    auto call = with_header(sound(block, "own", "nobody"), "Origin", "https://elsewhere.example");
    const auto asking = with_body(call, with_members(call.request.body, R"("session":"cookie")"));
    call = with_header(call, "Cookie", cookies);
    return block.path == "/api/auth/login" ? attempts{asking} : attempts{call, with_body(call, "")};
  });
}

TEST_F(DocumentedErrorsTest, WhatIsNotValid) {
  expect_where_listed(422, "unknown_parameter", [](const access_block& block) -> attempts {
    return {with_query(sound(block), "nobody_knows=1")};
  });
  expect_where_listed(422, "duplicate_parameter", [](const access_block& block) -> attempts {
    attempts all;
    for (const auto& name : query_parameters(block))
      for (const auto* value : {"=1", "=true", "=parent", "=2026-01-01", "=2026-01-01T00:00:00Z"})
        all.push_back(with_query(sound(block), name + value + "&" + name + value));
    return all;
  });
  expect_where_listed(422, "invalid_parameter", [](const access_block& block) -> attempts {
    attempts all;
    for (const auto& name : query_parameters(block))
      all.push_back(with_query(sound(block), name + "=!"));
    return all;
  });
  expect_where_listed(422, "unknown_field", [](const access_block& block) -> attempts {
    const auto call = sound(block);
    return {with_body(call, with_members(call.request.body, R"("nobodyKnows":1)"))};
  });
  expect_where_listed(422, "validation_failed", [](const access_block& block) -> attempts {
    const auto call = sound(block);
    if (block.method == "GET" || block.method == "DELETE") {
      std::string wrong = "nobody_knows=1";
      for (const auto& name : query_parameters(block))
        wrong += "&" + name + "=!";
      return {with_query(call, wrong), with_query(call, "nobody_knows=1&limit=!")};
    }
    const auto two = with_members(call.request.body, R"("nobodyKnows":1,"norThis":2)");
    return {
        with_body(
            call,
            with_members("{}", R"("nobodyKnows":1,"name":"","organizations":[{"id":"!"}],"status":"odd")")
        ),
        with_body(call, R"({"refreshToken":"","nobodyKnows":1})"),
        with_body(call, R"({"expiryHours":-1,"nobodyKnows":1})"),
        with_body(call, R"({"acceptTerms":true,"language":"!","nobodyKnows":1})"),
        with_body(call, R"({"reason":"see http://elsewhere.example","nobodyKnows":1})"),
        with_body(call, R"({"thresholds":[{"credits":-1}],"expiryDays":[0],"nobodyKnows":1})"),
        with_body(call, R"({"text":")" + std::string(33'000, 'x') + R"(","nobodyKnows":1})"),
        with_body(call, two),
        with_body(call, "{}")};
  });
  expect_where_listed(422, "invalid_id", [](const access_block& block) -> attempts {
    const auto call = sound(block);
    attempts all;
    for (const auto& name : names_at(call.request.body, ""))
      if (name == "id" || name.ends_with("Id"))
        all.push_back(with_body(call, with_value(call.request.body, name, R"("!")")));
    for (const auto* name : {"id", "packageId", "keyId", "userId", "tenantId", "organizationId", "parentId"})
      all.push_back(with_body(call, with_members(call.request.body, std::string("\"") + name + R"(":"!")")));
    all.push_back(with_body(call, R"({"organizations":[{"id":"!","name":"No id"}]})"));
    const std::string nowhere = R"([{"entityType":"organization","entityId":"!","role":"viewer"}])";
    all.push_back(with_body(call, with_value(call.request.body, "entityAssignments", nowhere)));
    all.push_back(with_body(call, R"({"role":"user","entityAssignments":)" + nowhere + "}"));
    all.push_back(with_body(call, R"({"entityAssignments":)" + nowhere + "}"));
    if (simulates(block))
      all.push_back(trying(call, "consume", R"({"entityType":"organization","entityId":"!","credits":1})"));
    return all;
  });
  expect_where_listed(422, "unknown_entity_type", [](const access_block& block) -> attempts {
    const auto call = sound(block);
    attempts all;
    for (const auto& name : names_at(call.request.body, ""))
      if (name == "entityType" || name.ends_with("EntityType"))
        all.push_back(with_body(call, with_value(call.request.body, name, R"("planet")")));
    auto elsewhere = call;
    elsewhere.request.target =
        std::regex_replace(call.request.target, std::regex("([/=])organization"), "$1planet");
    all.push_back(elsewhere);
    if (block.method == "GET") all.push_back(with_query(call, "entityType=planet&entityId=mars"));
    all.push_back(with_body(
        call,
        with_value(
            call.request.body,
            "entityAssignments",
            R"([{"entityType":"planet","entityId":"mars","role":"viewer"}])"
        )
    ));
    all.push_back(with_body(call, with_members(call.request.body, R"("entityType":"planet")")));
    if (simulates(block))
      all.push_back(trying(call, "consume", R"({"entityType":"planet","entityId":"mars","credits":1})"));
    all.push_back(with_body(
        call,
        with_members(
            call.request.body,
            R"("entityAssignments":[{"entityType":"planet","entityId":"mars","role":"viewer"}])"
        )
    ));
    return all;
  });
  expect_where_listed(422, "too_many_items", [](const access_block& block) -> attempts {
    const auto call = sound(block);
    const auto list = [](const char* item, int count) {
      std::string out;
      for (int i = 0; i < count; ++i)
        out += (out.empty() ? "" : ",") + std::string(item);
      return "[" + out + "]";
    };
    attempts all;
    const std::pair<const char*, std::string> members[] = {
        {"features", list("\"a\"", 21)},
        {"applicationAccess", list("\"crm\"", 101)},
        {"applications", list("\"crm\"", 101)},
        {"lotIds", list("\"0198f1c2-7a3e-7b0c-9d4e-5f60718293a5\"", 101)},
        {"policies", "{\"allowedEmailDomains\":" + list("\"a.example\"", 251) + "}"},
        {"organizations", list("{}", 10'001)}};
    for (const auto& [name, value] : members)
      all.push_back(with_body(call, with_members(call.request.body, std::string("\"") + name + "\":" + value))
      );
    const std::pair<const char*, std::string> others[] = {
        {"scopes", list("\"credits:read\"", 33)},
        {"events", list("\"*\"", 51)},
        {"thresholds", list(R"({"credits":1})", 11)},
        {"allocations", list(R"({"toEntityType":"location","toEntityId":"loc-own","credits":1})", 101)}};
    for (const auto& [name, value] : others) {
      all.push_back(with_body(call, with_value(call.request.body, name, value)));
      all.push_back(with_body(call, "{\"" + std::string(name) + "\":" + value + "}"));
    }
    all.push_back(with_body(call, "{\"items\":" + list("{}", 10'001) + "}"));
    if (simulates(block))
      all.push_back(trying(
          call,
          "allocate",
          R"({"fromEntityType":"organization","fromEntityId":"org-own","allocations":)" +
              std::rbegin(others)->second + "}"
      ));
    return all;
  });
  world().invite_again(); // one of the calls above accepted the other one
  for (const auto* code : {"unsupported_currency", "invalid_timezone"})
    expect_where_listed(422, code, [](const access_block& block) -> attempts {
      const auto call = takes_own_invitation(block) ? of_guest(block) : sound(block);
      return {
          with_body(call, with_members(call.request.body, R"("currency":"ZZZ")")),
          with_body(call, with_members(call.request.body, R"("timezone":"Mars/Olympus")"))};
    });
  const std::pair<const char*, const char*> passwords[] = {
      {"password_too_short", "eleven char"},
      {"password_too_common", "aaaaaaaaaaaaaaaa"},
      {"password_too_obvious", "boss tessera"},
  };
  for (const auto& [code, password] : passwords)
    expect_where_listed(422, code, [password = password](const access_block& block) -> attempts {
      const auto admin = std::string(R"({"email":"boss@acme.example","password":")") + password + "\"}";
      return {
          with_body(sound(block), R"({"id":"of-a-password","name":"New","admin":)" + admin + "}"),
          with_body(sound(block), new_password(password)),
          with_body(sound(block), with_password(sound(block).request.body, world().invitee)),
          with_body(sound(block), with_password(sound(block).request.body, password))};
    });
  expect_where_listed(422, "password_too_long", [](const access_block& block) -> attempts {
    const auto password = std::string(R"("password":")") + std::string(1'025, 'p') + "\"}";
    return {
        with_body(sound(block), R"({"email":"idle@acme.test",)" + password),
        with_body(sound(block), new_password(std::string(1'025, 'p'))),
        with_body(sound(block), R"({"name":"New","admin":{"email":"boss@acme.example",)" + password + "}")};
  });
  expect_where_listed(404, "parent_unknown", [](const access_block& block) -> attempts {
    const auto call = sound(block);
    return {
        with_body(call, R"({"parentId":"nowhere"})"),
        with_body(call, R"({"organizationId":"nowhere"})"),
        with_body(call, R"({"locations":[{"id":"loc-new","name":"New","organizationId":"nowhere"}]})")};
  });
  // An id that was given back is nobody else's, either.
  auto maker = world().client_of("key");
  maker.post("/api/organizations", R"({"id":"org-gone","name":"Gone"})");
  EXPECT_EQ(maker.remove("/api/organizations/org-gone").status(), 200);
  expect_where_listed(409, "id_taken", [](const access_block& block) -> attempts {
    const auto call = sound(block);
    attempts all;
    for (const auto* id : {"org-own", "loc-own", "crm", "acme", "org-gone"})
      all.push_back(with_body(
          call,
          with_members(
              std::regex_replace(call.request.body, std::regex(R"re("id":"[^"]*",)re"), ""),
              std::string(R"("id":")") + id + "\""
          )
      ));
    all.push_back(with_body(call, R"({"organizations":[{"id":"org-gone","name":"Gone"}]})"));
    all.push_back(with_body(call, R"({"packageId":"thousand","credits":10,"price":1,"validityDays":1})"));
    return all;
  });
}

TEST_F(DocumentedErrorsTest, LotsThatStandThereTwice) {
  const std::string twice =
      R"("lotIds":["0198f1c2-7a3e-7b0c-9d4e-5f60718293a5","0198f1c2-7a3e-7b0c-9d4e-5f60718293a5"])";
  expect_where_listed(422, "duplicate_lot", [&twice](const access_block& block) -> attempts {
    const auto call = sound(block);
    const auto legs = R"({"toEntityType":"location","toEntityId":"loc-own","credits":1})";
    const auto allocation = R"("fromEntityType":"organization","fromEntityId":"org-own","allocations":[)" +
                            std::string(legs) + "]";
    return {
        with_body(call, with_members(call.request.body, twice)),
        trying(call, "allocate", "{" + allocation + "," + twice + "}")};
  });
}

/// R-R 5 rows 48 and 78: in every member, parameter, header and path.
TEST_F(DocumentedErrorsTest, WordsOfSqlAreTextAndNoErrorTellsWhatIsBehind) {
  const std::string words = "%' OR 1=1; DROP TABLE entities; --";
  const std::string encoded = "%25%27%20OR%201=1;%20DROP%20TABLE%20entities;%20--";
  const auto rows = [] {
    return std::stoi(
        world().service.cluster().query(world().service.database(), "SELECT count(*) FROM entities")
    );
  };
  const auto before = rows();
  int refused = 0;
  for (const auto& block : table().blocks) {
    const auto call = sound(block);
    attempts all{
        with_header(call, "X-Application", words),
        with_header(sound(block, "own", "operator"), "X-Tenant", words)};
    for (const auto& name : names_at(call.request.body, ""))
      all.push_back(with_body(call, with_value(call.request.body, name, "\"" + words + "\"")));
    for (const auto& name : query_parameters(block))
      all.push_back(with_query(call, name + "=" + encoded));
    all.push_back(call);
    all.back().request.target = std::regex_replace(block.path, std::regex(R"(\{[^}]*\})"), encoded);
    for (const auto& each : all) {
      const auto answer = send(each);
      EXPECT_TRUE(answer.ok()) << block.name();
      EXPECT_NE(500, answer.status()) << block.name() << ": " << answer.response.body;
      if (answer.status() < 400) continue;
      ++refused;
      for (const auto* behind : {"syntax error", "SELECT ", "ERROR:", ".cpp", "std::", "PostgreSQL"})
        EXPECT_EQ(std::string::npos, answer.response.body.find(behind)) << block.name() << ": " << behind;
    }
  }
  EXPECT_GT(refused, 300);
  EXPECT_GE(rows(), before);
}

/// As the route of the operation would, with the same code.
TEST_F(DocumentedErrorsTest, WhatIsWrongWithWhatIsSimulated) {
  const auto simulate = std::ranges::find_if(table().blocks, simulates);
  ASSERT_NE(simulate, table().blocks.end());
  struct wrong_request {
    int status;
    const char* code;
    const char* operation;
    const char* request;
  };
  const wrong_request all[] = {
      {422,
       "event_too_old",
       "consume",
       R"({"entityType":"organization","entityId":"org-own","credits":1,"occurredAt":"2020-01-01T00:00:00Z"})"},
      {422,
       "event_in_future",
       "consume",
       R"({"entityType":"organization","entityId":"org-own","credits":1,"occurredAt":"2120-01-01T00:00:00Z"})"},
      {422,
       "same_entity",
       "allocate",
       R"({"fromEntityType":"organization","fromEntityId":"org-own","allocations":[)"
       R"({"toEntityType":"organization","toEntityId":"org-own","credits":1}]})"},
      {422,
       "duplicate_destination",
       "allocate",
       R"({"fromEntityType":"organization","fromEntityId":"org-own","allocations":[)"
       R"({"toEntityType":"location","toEntityId":"loc-own","credits":1},)"
       R"({"toEntityType":"location","toEntityId":"loc-own","credits":2}]})"},
      {422, "no_parent", "return", R"({"fromEntityType":"tenant","fromEntityId":"acme","credits":1})"},
      {422,
       "payment_method_unavailable",
       "purchase",
       R"({"entityType":"organization","entityId":"org-own","packageId":"thousand","paymentMethod":"stripe"})"},
      {403,
       "not_in_subtree",
       "reclaim",
       R"({"entityType":"location","entityId":"loc-sib","credits":1,)"
       R"("toEntityType":"organization","toEntityId":"org-own"})"},
  };
  for (const auto& [status, code, operation, request] : all) {
    const auto answer = send(trying(sound(*simulate), operation, request));
    EXPECT_EQ(status, answer.status()) << answer.response.body;
    EXPECT_EQ(code, code_of(answer)) << answer.response.body;
  }
}

TEST_F(DocumentedErrorsTest, AKeyOfAnotherCommand) {
  int keys = 0;
  expect_where_listed(422, "idempotency_key_reused", [&](const access_block& block) -> attempts {
    if (takes_invitation_token(block)) world().invite_again();
    const auto key = "of-" + std::to_string(++keys);
    const bool is_own = takes_own_invitation(block) && lists(block, 422, "idempotency_key_reused");
    auto first = with_header(is_own ? of_guest(block) : sound(block), "Idempotency-Key", key);
    // Another place, another body: each is another command.
    const auto other = with_header(sound(block, "sibling", first.principal), "Idempotency-Key", key);
    if (block.method == "DELETE" || block.path.ends_with("/release") || sends_again(block))
      if (const auto target = made_to_end(block); !target.empty()) first.request.target = target;
    attempts all{first, other};
    if (block.path.ends_with("/accept"))
      all.push_back(with_body(first, with_members(first.request.body, R"("language":"de")")));
    for (const auto* body :
         {R"({"name":"A third name"})",
          R"({"status":"disabled"})",
          R"({"subject":"S","html":"H","text":"Other"})",
          R"({"organizations":[{"id":"org-sib","name":"Other"}]})"})
      if (block.method == "PUT") all.push_back(with_body(first, body));
    for (const auto* name : {"recipient", "to"})
      if (const auto body = with_value(first.request.body, name, R"("other@elsewhere.test")");
          body != first.request.body)
        all.push_back(with_body(first, body));
    if (block.method == "DELETE") all.push_back(with_header(first, "If-Match", "\"v1\""));
    return all;
  });
  expect_where_listed(412, "precondition_failed", [](const access_block& block) -> attempts {
    return {with_header(sound(block, "own", {}, names::what_is_there), "If-Match", "\"v999999\"")};
  });
}

TEST_F(DocumentedErrorsTest, ABodyThatDoesNotCome) {
  expect_where_listed_at_once(408, "request_timeout", [](const access_block& block) -> attempts {
    return {with_header(announced(block), "Content-Length", "20")};
  });
}

/// One request is all that this service has room for, and it waits for a database that does not answer.
TEST_F(DocumentedErrorsTest, TooManyAtOnce) {
  world();
  tessera_service small({.environment = {{"TESSERA_HTTP_MAX_IN_FLIGHT", "1"}}});
  small.cluster().pause();
  {
    std::jthread waiting([&] { small.client("tsk_" + std::string(43, 'a')).get("/api/tenant"); });
    EXPECT_TRUE(wait_until(milliseconds{1'500}, [&] {
      return code_of(small.client().get("/docs")) == "overloaded";
    }));
    for (const auto& block : table().blocks)
      if (lists(block, 503, "overloaded")) {
        const auto call = sound(block);
        const auto answer = small.client().send(call.request);
        EXPECT_EQ("overloaded", code_of(answer)) << block.name();
        EXPECT_FALSE(answer.response.header("retry-after").empty()) << block.name();
      }
  }
  small.cluster().resume();
}

/// The server ends the session in the very commit.
TEST_F(DocumentedErrorsTest, AnAnswerOfTheDatabaseThatIsLost) {
  world().sign_in_again();
  world().invite_again();
  world().sql(
      "CREATE FUNCTION end_session() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS "
      "$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5); RETURN NULL; END $$"
  );
  // Made before anything is lost.
  std::map<std::string, std::string> to_end;
  for (const auto& block : table().blocks)
    if ((block.method == "DELETE" || sends_again(block) || takes_own_invitation(block)) &&
        lists(block, 503, "outcome_unknown"))
      to_end[block.name()] = made_to_end(block);
  world().mail_tokens();
  const std::pair<std::string, std::string> tables[] = {
      {"idempotency_answers", "INSERT OR UPDATE"},
      {"idempotency_keys", "INSERT OR UPDATE"},
      {"user_sessions", "INSERT OR UPDATE"},
      {"credit_entries", "INSERT OR UPDATE"},
      {"credit_answers", "INSERT OR UPDATE"},
      {"invitation_activities", "INSERT OR UPDATE"},
      {"account_tokens", "UPDATE"},
      {"outbox", "INSERT"}};
  for (const auto& [table, change] : tables)
    world().sql(
        "CREATE CONSTRAINT TRIGGER ends_session AFTER " + change + " ON " + table +
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION end_session()"
    );
  int keys = 0;
  expect_where_listed(503, "outcome_unknown", [&](const access_block& block) -> attempts {
    attempts all;
    for (int i = 0; i < 3; ++i) // the first one may meet a connection that is still being made
      all.push_back(with_header(sound(block), "Idempotency-Key", "lost-" + std::to_string(++keys)));
    for (auto& call : all)
      if (block.path == "/api/auth/logout") // of somebody: else there is nothing to commit
        call.request.body = R"({"refreshToken":")" + world().refresh_token + "\"}";
      else if (const auto target = to_end.find(block.name());
               target != to_end.end() && !target->second.empty()) {
        call.request.target = target->second;
        if (takes_own_invitation(block)) call.principal = "guest";
      }
    return all;
  });
  for (const auto& [table, change] : tables)
    world().sql("DROP TRIGGER ends_session ON " + table);
  world().sql("DELETE FROM account_tokens");
}

TEST_F(DocumentedErrorsTest, WhileTheDatabaseDoesNotAnswer) {
  world().sign_in_again();
  world().invite_again();
  world().service.cluster().pause();
  expect_where_listed_at_once(503, "database_unavailable", [](const access_block& block) -> attempts {
    const auto call = sound(block);
    return {call, with_header(call, "Authorization", "Bearer tsk_" + std::string(43, 'a'))};
  });
  world().service.cluster().resume();
  EXPECT_TRUE(world().service.wait_until_ready());
}

/// The last one: from here on this service owns nothing.
TEST_F(DocumentedErrorsTest, WhileAnotherNodeHasTheAccounts) {
  world();
  tessera_service other({.database = world().service.database()});
  EXPECT_TRUE(wait_until(milliseconds{20'000}, [] {
    auto client = world().client_of("key");
    return code_of(client.get("/api/credits/balance/organization/org-own")) == "not_owner";
  }));
  expect_where_listed(503, "not_owner", [](const access_block& block) -> attempts { return {sound(block)}; });
}

} // namespace tessera::test
