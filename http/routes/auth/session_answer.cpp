#include "http/routes/auth/session_answer.hpp"

#include "actors/support/identifiers.hpp"
#include "actors/support/sha256.hpp"
#include "http/auth/base64url.hpp"
#include "http/auth/cookies.hpp"
#include "http/auth/tokens/access_tokens.hpp"
#include "http/routing/rejections.hpp"

#include <array>

namespace tessera::http {

namespace {

constexpr std::string_view refresh_token_prefix = "tsr_";
constexpr std::size_t refresh_token_letters = 43; // of 32 bytes

} // namespace

std::string make_refresh_token() {
  std::array<char, 32> bytes;
  random_bytes(bytes.data(), bytes.size());
  return std::string(refresh_token_prefix) + encode_base64url({bytes.data(), bytes.size()});
}

std::optional<digest> refresh_token_sha256(std::string_view token) {
  if (token.size() != refresh_token_prefix.size() + refresh_token_letters ||
      !token.starts_with(refresh_token_prefix))
    return std::nullopt;
  return sha256::local()(token);
}

void write_user(json::writer& out, const user_profile& user) {
  const auto text_or_null = [&out](std::string_view name, std::string_view text) {
    out.key(name);
    text.empty() ? out.null() : out.string(text);
  };
  out.begin_object().field("userId", user.user).field("tenantId", user.tenant_name);
  out.field("email", user.email).field("emailVerified", user.email_verified);
  out.field("firstName", user.first_name).field("lastName", user.last_name);
  out.field("role", to_string(user.role));
  out.key("entityAssignments").begin_array();
  for (const auto& one : user.assignments)
    out.begin_object()
        .field("entityType", to_string(one.entity.type))
        .field("entityId", one.entity.id)
        .field("role", to_string(one.role))
        .end_object();
  out.end_array().key("applicationAccess").begin_array();
  for (const auto& application : user.applications)
    out.string(application);
  out.end_array();
  text_or_null("timezone", user.timezone);
  text_or_null("language", user.language);
  out.end_object();
}

response session_answer(
    const service& with, const session_opened& opened, std::string_view refresh_token, token_keeper keeper
) {
  const auto& user = opened.user;
  const auto access_token = with.tokens->issue(user.tenant, user.user, opened.session, with.now());
  const auto life = with.tokens->life();
  const bool in_cookies = keeper == token_keeper::browser;
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true);
  if (!in_cookies) out.field("accessToken", access_token).field("tokenType", "Bearer");
  out.field("expiresIn", std::int64_t{life.count()});
  if (!in_cookies) out.field("refreshToken", refresh_token);
  out.key("user");
  write_user(out, user);
  out.end_object();
  if (in_cookies) {
    answer.headers.push_back(set_cookie(access_cookie, access_token, life));
    answer.headers.push_back(set_cookie(refresh_cookie, refresh_token, with.refresh_life));
  }
  return answer;
}

void forget_session(response& answer) {
  answer.headers.push_back(clear_cookie(access_cookie));
  answer.headers.push_back(clear_cookie(refresh_cookie));
}

problem not_signed_in(std::string_view code, std::string_view title) {
  auto refused = simple_problem(401, code, title);
  refused.headers.emplace_back("WWW-Authenticate", "Bearer");
  return refused;
}

} // namespace tessera::http
