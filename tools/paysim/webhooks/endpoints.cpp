#include "tools/paysim/webhooks/endpoints.hpp"

namespace tessera::paysim {

document& add_webhook_endpoint(sandbox& account, std::string_view url, std::string secret) {
  if (secret.empty()) secret = "whsec_" + account.luck.letters(32);
  return account.documents.add({
      {"id", account.make_id("we")},
      {"object", "webhook_endpoint"},
      {"api_version", api_version},
      {"application", nullptr},
      {"created", account.now()},
      {"description", nullptr},
      {"enabled_events", json::array{"*"}},
      {"livemode", false},
      {"metadata", document{}},
      {"status", "enabled"},
      {"url", url},
      {"_secrets", json::array{json::value(secret)}},
  });
}

void change_secret(sandbox& account, document& endpoint, std::string secret, bool keeps_old) {
  if (secret.empty()) secret = "whsec_" + account.luck.letters(32);
  json::array secrets{json::value(secret)};
  if (keeps_old) secrets.push_back(endpoint["_secrets"].get_array().front());
  endpoint["_secrets"] = std::move(secrets);
}

} // namespace tessera::paysim
