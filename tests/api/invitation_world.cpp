#include "tests/api/invitation_world.hpp"

#include "actors/support/invitation_token.hpp"

#include <filesystem>

namespace tessera::test {

std::string
invitation_world::token_by(const std::string& channel, const std::string& invitation, int generation) const {
  const auto keys = std::filesystem::path(service.signing_key_file()).parent_path();
  const auto which = channel == "email" ? invitation_channel::email
                     : channel == "sms" ? invitation_channel::sms
                                        : invitation_channel::direct_link;
  const auto secret = token_secret::in_file((keys / "token-secret").string());
  return invitation_token(secret, invitation, which, generation);
}

} // namespace tessera::test
