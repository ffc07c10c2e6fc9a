#include "actors/support/email_address.hpp"
#include "actors/support/unicode_text.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>

namespace tessera::fuzz {

void run_email_addresses(std::string_view bytes) {
  const auto masked = masked_email(bytes);
  claim(masked.find("***") != masked.npos && masked_email(masked) == masked, "what is masked is hidden");
  if (const auto normal = normal_form(bytes))
    claim(normal_form(*normal) == normal, "a normal form is its own");
  const auto key = email_key(bytes);
  if (!key) return;
  claim(email_key(*key) == key, "an address that is accepted is its own key");
  claim(key->size() <= 254 && std::ranges::count(*key, '@') == 1, "an address has a local part and a domain");
  const auto plain = [](char c) {
    return c > ' ' && c < 0x7f && std::string_view{",;:<>()[]\"\\"}.find(c) == std::string_view::npos;
  };
  claim(std::ranges::all_of(*key, plain), "nothing in an address means something to a mail server");
}

} // namespace tessera::fuzz
