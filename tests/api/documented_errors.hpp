#pragma once

#include "tests/api/access_table.hpp"
#include "tests/api/documented_codes.hpp"
#include "tests/api/people_world.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <regex>
#include <thread>

namespace tessera::test {

/// A call, and who makes it.
struct attempted_call {
  std::string principal;
  http_request request;
};
/// Several when it depends on the operation which of them is refused so.
using attempts = std::vector<attempted_call>;

/// Every operation × every code that any operation may list: it is answered where the document says so. What
/// belongs to one operation has tests of its own; `openapi_answers` says when one is missing.
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
    /// For a token that is still good: who uses one twice loses the session. A machine that has much to do
    /// sheds sign-ins: who was told to comes again.
    void sign_in_again() {
      const auto body = R"({"email":"idle@acme.test","password":"correct horse battery"})";
      EXPECT_TRUE(wait_until(milliseconds{20'000}, [&] {
        const auto answer = service.client().post("/api/auth/login", body);
        refresh_token = text_at(answer.response.body, "/refreshToken");
        return answer.status() == 200;
      }));
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
  void SetUp() override { world().invite_again(); } // who accepts one ends it

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
    if (path == "/api/invitation-links/{id}" && code == "entity_out_of_scope") return true;
    if (path.ends_with("/request-new")) return code == "outcome_unknown"; // of a good token: nothing happens
    if (path.ends_with("/revoke-access") || path.ends_with("/approve") || path.ends_with("/reject"))
      return code == "outcome_unknown" || code == "idempotency_key_reused" || code == "entity_out_of_scope";
    if (path == "/api/invitations/resend/{id}" && code == "invalid_assignments") return true;
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
inline std::string new_password(const std::string& password) {
  return R"({"token":"tsp_none","password":")" + password + R"(","confirmPassword":")" + password + "\"}";
}

/// The body with another value of that member.
inline std::string with_value(const std::string& body, const std::string& name, const std::string& value) {
  const std::regex member("\"" + name + R"re(":("[^"]*"|\[[^\]]*\]|[^,}]*))re");
  return std::regex_replace(body, member, "\"" + name + "\":" + value);
}

/// The body with another password, said twice.
inline std::string with_password(const std::string& body, const std::string& password) {
  const auto value = "\"" + password + "\"";
  return with_value(with_value(body, "password", value), "confirmPassword", value);
}

/// Members in front of all others.
inline std::string with_members(const std::string& body, const std::string& members) {
  if (!body.starts_with('{')) return "{" + members + "}";
  return "{" + members + (body.starts_with("{}") ? "" : ",") + body.substr(1);
}

} // namespace tessera::test
