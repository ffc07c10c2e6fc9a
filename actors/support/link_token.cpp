#include "actors/support/link_token.hpp"

#include "actors/support/token_shape.hpp"

namespace tessera {

namespace {

constexpr std::string_view link_prefix = "tsl_";

} // namespace

std::string link_token(const token_secret& secret, std::string_view link) {
  return secret.token(link_prefix, "invitation-link/v1", link, 0);
}

bool is_link_token(std::string_view text) {
  return has_token_shape(text, link_prefix);
}

} // namespace tessera
