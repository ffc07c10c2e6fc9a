#include "http/auth/tokens/external_issuers.hpp"

#include "http/json/reader.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace tessera::http {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& path, const std::string& why) {
  throw std::runtime_error(path + ": " + why);
}

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) fail(path, "it can't be read");
  return {std::istreambuf_iterator<char>(in), {}};
}

bool is_algorithm(std::string_view name) {
  return parse_signing_algorithm(name).has_value();
}

external_issuer read_issuer(json::object fields) {
  external_issuer issuer;
  issuer.issuer = fields.string("iss");
  issuer.audience = fields.string("aud");
  issuer.tenant_name = fields.string("tenantId");
  if (fields.has("jwksUrl")) {
    fields.string("jwksUrl");
    fields.reject(
        "jwksUrl",
        "not_available",
        "Keys are not fetched over the network: save them to a file and name it in jwksFile."
    );
  } else {
    issuer.key_file = fields.string("jwksFile");
  }
  for (const auto name : fields.array("algs", {.least = 1, .most = 3}))
    if (const auto known = parse_signing_algorithm(
            name.string({.accepts = is_algorithm, .expected = "Must be RS256, ES256 or EdDSA."})
        ))
      issuer.algorithms.push_back(*known);
  return issuer;
}

/// What is wrong, each thing with its place.
std::string words_of(const problem& wrong) {
  std::string text = wrong.detail.empty() ? std::string(wrong.title) : wrong.detail;
  for (const auto& error : wrong.errors)
    text += "\n  " + error.pointer + ": " + error.detail;
  return text;
}

} // namespace

std::vector<external_issuer> read_issuers(
    const std::string& path, const std::function<std::optional<tenant_id>(const std::string&)>& find_tenant
) {
  const auto text = read_text(path);
  std::vector<external_issuer> issuers;
  json::reader body(text);
  for (const auto item : body.array({.most = 1'000}))
    issuers.push_back(read_issuer(item.object()));
  if (const auto wrong = body.refusal()) fail(path, words_of(*wrong));
  for (auto& one : issuers) {
    const auto named = std::count_if(issuers.begin(), issuers.end(), [&](const auto& other) {
      return other.issuer == one.issuer;
    });
    if (named > 1) fail(path, "the issuer " + one.issuer + " stands there twice");
    const auto tenant = find_tenant(one.tenant_name);
    if (!tenant) fail(path, "there is no tenant " + one.tenant_name);
    one.tenant = *tenant;
    // Beside the file that names it, unless its path is absolute.
    one.key_file = (fs::path(path).parent_path() / one.key_file).string();
  }
  return issuers;
}

external_issuers::external_issuers(std::vector<external_issuer> issuers) {
  for (auto& one : issuers) {
    const auto path = one.key_file;
    try {
      auto keys = std::make_shared<const public_keys>(read_key_set(read_text(path)));
      if (keys->empty()) fail(path, "there is no key that signs with RS256, ES256 or EdDSA");
      issuers_.push_back({{std::move(one), std::move(keys)}, fs::last_write_time(path)});
    } catch (const std::exception& why) {
      throw std::runtime_error("the keys of an issuer, " + path + ": " + why.what());
    }
  }
}

std::optional<external_issuers::known_issuer> external_issuers::find(std::string_view issuer) const {
  const std::lock_guard lock(mutex_);
  for (const auto& one : issuers_)
    if (one.issuer.described.issuer == issuer) return one.issuer;
  return std::nullopt;
}

void external_issuers::reload() {
  for (auto& one : issuers_) {
    const auto& path = one.issuer.described.key_file;
    try {
      const auto changed_at = fs::last_write_time(path);
      if (changed_at == one.changed_at) continue;
      one.changed_at = changed_at;
      auto keys = std::make_shared<const public_keys>(read_key_set(read_text(path)));
      if (keys->empty()) fail(path, "there is no key that signs with RS256, ES256 or EdDSA");
      const std::lock_guard lock(mutex_);
      one.issuer.keys = std::move(keys);
    } catch (const std::exception& why) {
      spdlog::warn("auth: the keys of an issuer, {}: {}", path, why.what());
    }
  }
}

} // namespace tessera::http
