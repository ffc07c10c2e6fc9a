#include "tools/paysim/api/lists.hpp"
#include "tools/paysim/resources/resources.hpp"
#include "tools/paysim/webhooks/endpoints.hpp"

namespace tessera::paysim {

namespace {

std::string read_url(const std::string& url) {
  if (url.starts_with("http://") || url.starts_with("https://")) return url;
  throw invalid_request(
      "Invalid URL: An explicit scheme (such as https) must be provided.", "url", "url_invalid"
  );
}

json::array read_types(const parameters& params) {
  json::array types;
  for (const auto& each : params.texts("enabled_events"))
    types.push_back(json::value(each));
  return types;
}

json::value create(const call& of) {
  const auto url = read_url(of.params.required_text("url"));
  auto types = read_types(of.params);
  if (types.empty()) throw missing_parameter("enabled_events");
  document details;
  of.params.copy_texts(details, {"description"});
  of.params.merge_metadata(details);
  of.params.ignore({"api_version", "connect"});
  of.params.done();
  auto& endpoint = add_webhook_endpoint(of.account, url, {});
  endpoint["enabled_events"] = std::move(types);
  for (const auto& [name, value] : details)
    endpoint[name] = value;
  document shown_once = endpoint;
  shown_once["secret"] = endpoint["_secrets"].get_array().front();
  return shown_once;
}

json::value update(const call& of) {
  auto& endpoint = of.account.get("webhook_endpoint", of.ids.front(), "webhook_endpoint", 404);
  auto changed = endpoint;
  of.params.copy_texts(changed, {"description"});
  of.params.merge_metadata(changed);
  if (const auto url = of.params.text("url")) changed["url"] = read_url(*url);
  if (auto types = read_types(of.params); !types.empty()) changed["enabled_events"] = std::move(types);
  if (const auto disabled = of.params.boolean("disabled"))
    changed["status"] = *disabled ? "disabled" : "enabled";
  of.params.done();
  endpoint = std::move(changed);
  return endpoint;
}

json::value remove(const call& of) {
  of.params.done();
  of.account.get("webhook_endpoint", of.ids.front(), "webhook_endpoint", 404);
  of.account.documents.remove("webhook_endpoint", of.ids.front());
  return document{{"id", of.ids.front()}, {"object", "webhook_endpoint"}, {"deleted", true}};
}

json::value list(const call& of) {
  return answer_list(of, "webhook_endpoint");
}

} // namespace

endpoint_table webhook_endpoint_endpoints() {
  return {
      {"POST", "/v1/webhook_endpoints", create},
      {"GET", "/v1/webhook_endpoints", list},
      {"GET", "/v1/webhook_endpoints/:id", retrieving("webhook_endpoint", "webhook_endpoint")},
      {"POST", "/v1/webhook_endpoints/:id", update},
      {"DELETE", "/v1/webhook_endpoints/:id", remove},
  };
}

} // namespace tessera::paysim
