#include "http/auth/tokens/external_issuers.hpp"

#include "actors/support/fetchable_address.hpp"
#include "http/json/reader.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace tessera::http {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void reject_issuers(const std::string& path, const std::string& why) {
  throw std::runtime_error(path + ": " + why);
}

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) reject_issuers(path, "it can't be read");
  return {std::istreambuf_iterator<char>(in), {}};
}

bool is_algorithm(std::string_view name) {
  return parse_signing_algorithm(name).has_value();
}

constexpr json::string_rules key_url_rules{
    .most = 2'048,
    .accepts = is_fetchable,
    .expected =
        "Must be an https:// address, or http:// of this machine (localhost, 127.0.0.1, [::1]), without a "
        "user or a fragment."};

external_issuer read_issuer(json::object fields) {
  external_issuer issuer;
  issuer.issuer = fields.string("iss");
  issuer.audience = fields.string("aud");
  issuer.tenant_name = fields.string("tenantId");
  if (fields.has("jwksUrl"))
    issuer.key_url = fields.string("jwksUrl", key_url_rules);
  else
    issuer.key_file = fields.string("jwksFile");
  for (const auto name : fields.array("algs", {.least = 1, .most = 3}))
    if (const auto known = parse_signing_algorithm(
            name.string({.accepts = is_algorithm, .expected = "Must be RS256, ES256 or EdDSA."})
        ))
      issuer.algorithms.push_back(*known);
  return issuer;
}

std::shared_ptr<const public_keys> usable_keys(std::string_view key_set) {
  auto keys = std::make_shared<const public_keys>(read_key_set(key_set));
  if (keys->empty()) throw std::runtime_error("there is no key that signs with RS256, ES256 or EdDSA");
  return keys;
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
  if (const auto wrong = body.refusal()) reject_issuers(path, words_of(*wrong));
  for (auto& one : issuers) {
    const auto named = std::count_if(issuers.begin(), issuers.end(), [&](const auto& other) {
      return other.issuer == one.issuer;
    });
    if (named > 1) reject_issuers(path, "the issuer " + one.issuer + " stands there twice");
    const auto tenant = find_tenant(one.tenant_name);
    if (!tenant) reject_issuers(path, "there is no tenant " + one.tenant_name);
    one.tenant = *tenant;
    // Beside the file that names it, unless its path is absolute.
    if (one.key_url.empty()) one.key_file = (fs::path(path).parent_path() / one.key_file).string();
  }
  return issuers;
}

external_issuers::external_issuers(std::vector<external_issuer> issuers) {
  for (auto& one : issuers) {
    if (!one.key_url.empty()) {
      issuers_.push_back({{std::move(one), std::make_shared<const public_keys>()}, {}});
      continue;
    }
    const auto path = one.key_file;
    try {
      auto keys = usable_keys(read_text(path));
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

std::vector<external_issuer> external_issuers::with_key_url() const {
  std::vector<external_issuer> found;
  for (const auto& one : issuers_)
    if (!one.issuer.described.key_url.empty()) found.push_back(one.issuer.described);
  return found;
}

void external_issuers::take_keys(std::string_view issuer, std::string_view key_set) {
  auto keys = usable_keys(key_set);
  const std::lock_guard lock(mutex_);
  for (auto& one : issuers_)
    if (one.issuer.described.issuer == issuer) one.issuer.keys.swap(keys);
}

void external_issuers::key_is_missing(const external_issuer& issuer) const {
  if (ask_ && !issuer.key_url.empty()) ask_(issuer.issuer);
}

void external_issuers::reload() {
  for (auto& one : issuers_) {
    const auto& path = one.issuer.described.key_file;
    if (path.empty()) continue;
    try {
      const auto changed_at = fs::last_write_time(path);
      if (changed_at == one.changed_at) continue;
      one.changed_at = changed_at;
      auto keys = usable_keys(read_text(path));
      const std::lock_guard lock(mutex_);
      one.issuer.keys = std::move(keys);
    } catch (const std::exception& why) {
      spdlog::warn("auth: the keys of an issuer, {}: {}", path, why.what());
    }
  }
}

} // namespace tessera::http
