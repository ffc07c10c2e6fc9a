// GET /.well-known/jwks.json: the keys that verify our access tokens.
#include "http/auth/tokens/access_tokens.hpp"
#include "http/routes/auth/auth.hpp"

namespace tessera::http {

handler jwks(service& with) {
  return [&with](request&, const responder& respond) {
    response answer{.body = with.tokens->jwk_set()};
    // Public, and read again by whoever meets a key that it does not know.
    answer.headers.emplace_back("Cache-Control", "public, max-age=60");
    respond(std::move(answer));
  };
}

} // namespace tessera::http
