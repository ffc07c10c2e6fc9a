// POST /api/auth/login
#include "actors/support/email_address.hpp"
#include "actors/support/sha256.hpp"
#include "actors/support/unicode_text.hpp"
#include "http/auth/same_origin.hpp"
#include "http/json/reader.hpp"
#include "http/routes/auth/auth.hpp"
#include "http/routes/auth/counted_call.hpp"
#include "http/routes/auth/session_answer.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/text_checks.hpp"
#include "http/routing/rejections.hpp"

#include <memory>
#include <utility>

namespace tessera::http {

namespace {

constexpr std::size_t most_password_bytes = 1'024; // more is not hashed

bool is_hashable(std::string_view text) {
  return text.size() <= most_password_bytes;
}

constexpr json::string_rules email_rules{.most = 320, .accepts = is_email, .code = "invalid_email"};
constexpr json::string_rules password_rules{
    .most = 64 * 1024, // letters; of bytes there may be fewer
    .accepts = is_hashable,
    .code = "password_too_long",
    .expected = "At most 1024 bytes."};

struct credentials {
  std::string email_key;
  std::string password; // in normal form C
  std::string tenant;   // empty: not said
  token_keeper keeper = token_keeper::caller;
};

std::optional<problem> read(std::string_view body, credentials& into) {
  json::reader reader(body);
  auto fields = reader.object();
  const auto email = fields.string("email", email_rules);
  const auto password = fields.string("password", password_rules);
  into.tenant = fields.optional_string("tenantId", id_rules).value_or("");
  const bool in_cookies = fields.optional_choice("session", {"token", "cookie"}) == 1;
  if (auto wrong = reader.refusal()) return wrong;
  into.keeper = in_cookies ? token_keeper::browser : token_keeper::caller;
  into.email_key = email_key(email).value_or("");
  into.password = normal_form(password).value_or("");
  return std::nullopt;
}

/// One sign-in: who it would have to be, whether the password is theirs, and then the session. Whoever does
/// not exist takes the same way.
class sign_in : public counted_call, public std::enable_shared_from_this<sign_in> {
public:
  using counted_call::counted_call;

  void begin(credentials given) {
    password_ = std::move(given.password);
    keeper_ = given.keeper;
    with_.behind.find(
        find_candidate{std::move(given.email_key), std::move(given.tenant)},
        [self = shared_from_this()](const result<sign_in_candidate>& found) {
          found ? self->compare(*found) : self->fail(found.why());
        }
    );
  }

private:
  void compare(const sign_in_candidate& found) {
    candidate_ = found;
    with_.behind.compare(
        candidate_.password_hash,
        std::move(password_),
        [self = shared_from_this()](const result<password_verdict>& said) {
          if (!said) return self->fail(said.why());
          said->right ? self->open(said->rehashed) : self->refuse();
        }
    );
  }

  void open(const std::string& rehashed) {
    token_ = make_refresh_token();
    with_.behind.open(
        {candidate_.tenant,
         candidate_.user,
         {sha256::local()(token_), with_.refresh_life},
         candidate_.password_hash,
         rehashed},
        [self = shared_from_this()](const result<session_opened>& opened) {
          if (!opened) return self->fail(opened.why());
          opened->what == session_opened::outcome::open ? self->welcome(*opened) : self->refuse();
        }
    );
  }

  void welcome(const session_opened& opened) {
    with_.sign_ins->succeeded(counted_);
    answer(session_answer(with_, opened, token_, keeper_));
  }
  void refuse() {
    answer(to_response(not_signed_in("invalid_credentials", "The address or the password is wrong"), request_)
    );
  }

  std::string password_;
  token_keeper keeper_ = token_keeper::caller;
  sign_in_candidate candidate_;
  std::string token_;
};

} // namespace

handler login(service& with) {
  return [&with](request& request, const responder& respond) {
    credentials given;
    if (const auto wrong = read(request.body, given)) return respond(to_response(*wrong, request));
    // Another site must not sign its visitors in as somebody else.
    if (given.keeper == token_keeper::browser)
      if (const auto foreign = why_cross_origin(request, with.public_base_url))
        return respond(to_response(*foreign, request));
    auto counted = with.sign_ins->begin(
        given.email_key, address_of(request, with.trusted_proxies), request.received_at_us * 1'000
    );
    if (counted.refused) return respond(to_response(*counted.refused, request));
    std::make_shared<sign_in>(with, request, respond, std::move(counted))->begin(std::move(given));
  };
}

} // namespace tessera::http
