// POST /api/invitations/accept: by whoever has the token, and has no account or is signed in.
#include "actors/support/sha256.hpp"
#include "http/auth/idempotency.hpp"
#include "http/auth/limits/added_headers.hpp"
#include "http/auth/new_password.hpp"
#include "http/json/reader.hpp"
#include "http/routes/invitations/invitation_fields.hpp"
#include "http/routes/invitations/invitation_json.hpp"
#include "http/routes/invitations/invitations.hpp"
#include "http/routes/invitations/token_call.hpp"
#include "http/routes/invitations/visitors.hpp"
#include "http/routes/text_checks.hpp"
#include "http/routing/invitation_problem.hpp"
#include "http/routing/query.hpp"
#include "http/routing/rejections.hpp"

#include <memory>
#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view accept_template = "POST /api/invitations/accept";
constexpr std::size_t most_password_bytes = 1'024;

bool is_hashable(std::string_view text) {
  return text.size() <= most_password_bytes;
}
constexpr json::string_rules password_rules{
    .most = 64 * 1024,
    .accepts = is_hashable,
    .code = "password_too_long",
    .expected = "At most 1024 bytes."};

/// What a body says.
struct acceptance {
  std::string token;
  std::optional<std::string> password;
  std::optional<std::string> confirmation;
  tessera::accept_invitation command;
};

void read_consent(json::object& fields, tessera::accept_invitation& into) {
  into.accepts_terms = fields.optional_boolean("acceptTerms").value_or(false);
  if (const auto version = fields.optional_string("termsVersion", {.most = 32})) {
    into.terms_version = *version;
    if (*version != terms_version)
      fields.reject("termsVersion", "terms_outdated", "Other terms are in force by now.");
  }
  into.timezone = fields.optional_string("timezone", {.most = 64}).value_or("");
  into.language =
      fields.optional_string("language", {.most = 35, .accepts = is_language, .code = "invalid_language"})
          .value_or("");
  into.grant_version = fields.optional_integer("grantVersion", {.least = 1});
}

std::optional<problem> read(std::string_view body, acceptance& into) {
  json::reader reader(body);
  auto fields = reader.object();
  into.token = fields.string("token");
  const auto password = fields.optional_string("password", password_rules);
  const auto confirmation = fields.optional_string("confirmPassword", password_rules);
  if (password) into.password = *password;
  if (confirmation) into.confirmation = *confirmation;
  read_consent(fields, into.command);
  return reader.refusal();
}

/// A repeated call is the same with the same words; of the password its hash is one of them.
std::optional<idempotency_key> key_of(const acceptance& asked, std::string_view key) {
  if (key.empty()) return std::nullopt;
  const auto hashed = [](const std::string& text) {
    const auto hash = sha256::local()(text);
    return std::string(hash.begin(), hash.end());
  };
  const auto& command = asked.command;
  fingerprint print;
  print.add(hashed(asked.password.value_or(""))).add(hashed(asked.confirmation.value_or("")));
  print.add(std::int64_t{command.accepts_terms}).add(command.timezone).add(command.language);
  print.add(command.which.user).add(command.grant_version.value_or(-1));
  print.add(asked.token); // at rest nowhere: nobody tries passwords with what is kept of this
  // The tenant is that of the token.
  return make_idempotency_key({}, accept_template, hashed(asked.token) + std::string(key), print);
}

kept_answer word_acceptance(const invitation_accepted& made) {
  kept_answer told{200, {}, {}, false};
  json::writer out(told.body);
  out.begin_object().field("success", true).field("userId", made.user).field("email", made.email);
  const auto write_ids = [&](std::string_view name, entity_type type) {
    out.key(name).begin_array();
    for (const auto& each : made.grants.assignments)
      if (each.ref.type == type) out.string(each.ref.id);
    out.end_array();
  };
  write_ids("organizations", entity_type::organization);
  write_ids("locations", entity_type::location);
  out.key("applications").begin_array();
  for (const auto& each : made.grants.applications)
    out.string(each);
  out.end_array().key("roles").begin_array();
  std::vector<entity_role> seen;
  for (const auto& each : made.grants.assignments)
    if (std::find(seen.begin(), seen.end(), each.role) == seen.end()) {
      seen.push_back(each.role);
      out.string(to_string(each.role));
    }
  out.end_array().field("role", to_string(made.role)).field("emailVerified", made.email_verified);
  out.field("otherPending", made.other_pending).end_object();
  return told;
}

/// One acceptance: whether the token is good, whether what was sent with it is, and then the transaction.
class accepting : public std::enable_shared_from_this<accepting> {
public:
  accepting(service& with, request& asked, responder respond, acceptance body)
      : with_(with), request_(asked), respond_(std::move(respond)), body_(std::move(body)) {}

  void begin() {
    with_.behind.find(
        preview_invitation{*body_.command.which.token_sha256, false, {}},
        [self = shared_from_this()](const result<invitation_preview>& found) {
          found ? self->judge(*found) : self->fail(found.why());
        }
    );
  }

private:
  bool is_signed_in() const { return !body_.command.which.user.empty(); }

  void judge(const invitation_preview& found) {
    if (found.refused) return answer_dead(found);
    if (is_signed_in()) return judge_signed_in(found);
    if (found.has_account)
      return refuse(problem_of(invitation_refusal{invitation_flaw::sign_in_required, {}, {}, 0}));
    if (const auto wrong = judge_body(found)) return refuse(*wrong);
    with_.hash_password(
        std::move(*body_.password),
        [self = shared_from_this()](const result<std::string>& hash) {
          if (!hash) return self->fail(hash.why());
          self->body_.command.password_hash = *hash;
          self->commit();
        }
    );
  }

  void judge_signed_in(const invitation_preview& found) {
    // Another tenant's is none of theirs.
    if (found.tenant != body_.command.which.tenant)
      return refuse(problem_of(invitation_refusal{invitation_flaw::unknown, {}, {}, 0}));
    commit();
  }

  std::optional<problem> judge_body(const invitation_preview& found) {
    if (!body_.password) return field_problem("required", "/password", "A new account has a password.");
    if (!body_.confirmation || *body_.confirmation != *body_.password)
      return field_problem("passwords_differ", "/confirmPassword", "Must be the password once more.");
    auto judged = judge_password(*body_.password, found.known_words);
    if (!judged.flaw.empty()) return field_problem(judged.flaw, "/password", "Choose another password.");
    body_.password = std::move(judged.text);
    if (!body_.command.accepts_terms)
      return problem_of(invitation_refusal{invitation_flaw::terms_not_accepted, {}, {}, 0});
    return std::nullopt;
  }

  /// Unless it is dead because of this very call.
  void answer_dead(const invitation_preview& found) {
    if (found.refused->flaw == invitation_flaw::unknown) note_failure(request_, with_);
    const auto dead = dead_token(*found.refused, found.can_request_new);
    if (!body_.command.key || found.refused->flaw == invitation_flaw::unknown) return refuse(dead);
    with_.behind.find(
        kept_answer_query{found.tenant, *body_.command.key},
        [self = shared_from_this(), dead](const result<kept_answer>& told) {
          if (told) return self->respond_(to_response(*told));
          self->refuse(told.code() == errc::entity_unknown ? dead : problem_of(told.why()));
        }
    );
  }

  void commit() {
    body_.command.has_password = is_signed_in() && body_.password;
    body_.command.word = word_acceptance;
    with_.behind.change(
        invitation_call{std::move(body_.command)},
        [self = shared_from_this()](const result<invitation_answer>& told) {
          answer(self->with_, told, self->request_, self->respond_);
        }
    );
  }

  void refuse(const problem& why) { respond_(to_response(why, request_)); }
  void fail(const rejection& why) { refuse(problem_of(why)); }

  service& with_;
  request& request_;
  responder respond_;
  acceptance body_;
};

/// `who`: null, nobody is signed in.
void accept(service& with, request& request, responder respond, const caller* who) {
  const auto refuse = [&](const problem& why) { respond(to_response(why, request)); };
  std::string_view key;
  if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
  acceptance body;
  if (const auto wrong = or_of_query(read(request.body, body), request.query)) return refuse(*wrong);
  auto entry = enter_with_token(body.token, request, with);
  respond = with_headers(respond, std::move(entry.headers));
  if (entry.refused) return refuse(*entry.refused);
  auto& which = body.command.which;
  which.token_sha256 = entry.sha256;
  body.command.origin = who ? invitation_origin_of(request, *who, with) : invitation_origin_of(request, with);
  if (who) {
    which.tenant = who->tenant->tenant;
    which.user = who->rights.user()->id;
  }
  body.command.key = key_of(body, key);
  std::make_shared<accepting>(with, request, respond, std::move(body))->begin();
}

} // namespace

handler accept_invitation(service& with) {
  return [&with](request& request, const responder& respond) { accept(with, request, respond, nullptr); };
}

caller_handler accept_invitation_signed_in(service& with) {
  return [&with](request& request, const responder& respond, const caller& who) {
    accept(with, request, respond, &who);
  };
}

/// By who is signed in, without a token: their address is verified.
caller_handler accept_own_invitation(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    std::string_view key;
    if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
    tessera::accept_invitation command;
    std::optional<problem> wrong;
    if (!request.body.empty()) {
      json::reader reader(request.body);
      auto fields = reader.object();
      read_consent(fields, command);
      wrong = reader.refusal();
    }
    if ((wrong = or_of_query(std::move(wrong), request.query))) return refuse(*wrong);
    command.which = {
        std::nullopt, who.tenant->tenant, std::string(request.parameters.front()), who.rights.user()->id};
    command.word = word_acceptance;
    command.origin = invitation_origin_of(request, who, with);
    fingerprint print;
    print.add(command.which.id).add(command.which.user).add(std::int64_t{command.accepts_terms});
    print.add(command.timezone).add(command.language).add(command.grant_version.value_or(-1));
    command.key = optional_key(command.which.tenant, "POST /api/me/invitations/:id/accept", key, print);
    with.behind.change(
        invitation_call{std::move(command)},
        [&with, &request, respond](const result<invitation_answer>& told) {
          answer(with, told, request, respond);
        }
    );
  };
}

} // namespace tessera::http
