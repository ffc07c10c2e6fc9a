#include "http/routes/auth/account_token.hpp"

#include "actors/support/sha256.hpp"
#include "http/routing/rejections.hpp"

namespace tessera::http {

namespace {

constexpr std::size_t account_token_letters = 43; // of 32 bytes

} // namespace

digest read_account_token(json::object& fields, account_token_purpose purpose) {
  const auto given = fields.string("token", {.most = 8'192});
  const auto prefix = prefix_of(purpose);
  if (given.size() != prefix.size() + account_token_letters || !given.starts_with(prefix)) return {};
  return sha256::local()(given);
}

problem not_good(token_standing standing) {
  if (standing == token_standing::expired)
    return simple_problem(
        410,
        "token_expired",
        "The token is not good any more",
        "It was used, is too old, or its user has another address by now."
    );
  return simple_problem(404, "token_unknown", "There is no such token");
}

} // namespace tessera::http
