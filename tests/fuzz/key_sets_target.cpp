#include "http/auth/tokens/public_key.hpp"
#include "http/auth/tokens/signing_key.hpp"
#include "tests/fuzz/target.hpp"

namespace tessera::fuzz {

namespace {

/// Nothing when it is refused, which is said by an exception.
template <class Read> auto read(Read from, std::string_view bytes) {
  try {
    return from(bytes);
  } catch (const std::runtime_error& refused) {
    claim(std::string_view(refused.what()).size() > 0, "a refusal has a reason");
    return decltype(from(bytes)){};
  }
}

} // namespace

/// A JWK set of somebody else, or a file of ours with private keys.
void run_key_sets(std::string_view bytes) {
  for (const auto& key : read(http::read_key_set, bytes)) {
    claim(!key.verify("text", std::string(64, '\1')), "a signature can't be guessed");
    claim(!key.verify("", ""), "there is no empty signature");
  }
  for (const auto& key : read(http::read_signing_keys, bytes)) {
    claim(key.verifying().verify("text", key.sign("text")), "a key verifies what it signs");
    claim(
        read(http::read_key_set, R"({"keys":[)" + key.jwk() + "]}").size() == 1,
        "a key is read back from its JWK"
    );
  }
}

} // namespace tessera::fuzz
