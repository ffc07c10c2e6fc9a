#include "config/load.hpp"

#include "config/keys.hpp"
#include "config/toml_file.hpp"

#include <algorithm>
#include <concepts>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <unistd.h>

extern char** environ;

namespace tessera::config {

namespace {

constexpr std::string_view variable_prefix = "TESSERA_";

/// Number of single-character edits from one word to the other.
std::size_t distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  for (std::size_t j = 0; j <= to.size(); ++j)
    row[j] = j;
  for (std::size_t i = 1; i <= from.size(); ++i) {
    auto diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const auto replaced = diagonal + (from[i - 1] != to[j - 1]);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

/// `, did you mean ...?` when a known name is near.
template <class NameOf> std::string hint(std::string_view given, NameOf name_of) {
  std::string best;
  auto nearest = std::size_t{4};
  for (const auto& k : keys()) {
    std::string name(name_of(k));
    if (const auto d = distance(given, name); d < nearest) {
      nearest = d;
      best = std::move(name);
    }
  }
  return best.empty() ? "" : ", did you mean " + best + "?";
}

/// One load: what was set where, and what was wrong.
class loading {
public:
  explicit loading(const load_request& request) : request_(request) {}

  load_result run() {
    read_file();
    read_environment();
    read_overrides();
    read_secret_files();
    check_together();
    check_required();
    fill_in();
    return std::move(result_);
  }

private:
  struct origin {
    int level = 0;
    std::string where;
    std::string text;
  };

  void fail(std::string where, std::string reason) {
    result_.errors.push_back({std::move(where), std::move(reason)});
  }

  /// The level is 1 for the file, 2 for the environment, 3 for flags: of twins the higher level counts.
  void assign(const key& k, int level, const std::string& where, const std::string& text) {
    if (auto reason = k.assign(result_.settings, text); !reason.empty())
      return fail(where, std::string(k.name) + " " + reason);
    origins_[&k] = {level, where, text};
    settle_twins(k);
  }

  void settle_twins(const key& k) {
    const auto* twin = twin_of(k);
    const auto there = twin ? origins_.find(twin) : origins_.end();
    if (there == origins_.end()) return;
    const auto here = origins_.at(&k);
    const bool together = there->second.level == here.level;
    origins_.erase(there);
    if (!together) return;
    origins_.erase(&k); // neither counts
    fail(here.where, std::string(k.name) + " and " + std::string(twin->name) + " exclude each other");
  }

  void read_file() {
    if (!request_.file) return;
    const auto name = request_.file->string();
    std::ifstream stream(*request_.file, std::ios::binary);
    if (!stream) return fail(name, "cannot be read");
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    const auto parsed = parse_toml(text);
    for (const auto& error : parsed.errors)
      fail(at(name, error.line, error.column), error.reason);
    for (const auto& value : parsed.values)
      read_file_value(at(name, value.line, value.column), value);
  }

  static std::string at(const std::string& file, unsigned line, unsigned column) {
    return file + ":" + std::to_string(line) + ":" + std::to_string(column);
  }

  void read_file_value(const std::string& where, const toml_value& value) {
    const auto* k = find_key(value.name);
    if (!k)
      return fail(where, "unknown key " + value.name + hint(value.name, [](auto& row) { return row.name; }));
    if (k->visibility == secrecy::hidden)
      return fail(where, value.name + " is a secret: use " + variable_of(*k) + " or " + value.name + "_file");
    const auto fits =
        value.kind == k->kind || (k->kind == value_kind::number && value.kind == value_kind::integer);
    if (!fits) return fail(where, value.name + " must be " + words_for(k->kind));
    assign(*k, 1, where, value.text);
  }

  static std::string words_for(value_kind kind) {
    switch (kind) {
    case value_kind::text: return "a text in quotes";
    case value_kind::integer: return "a whole number";
    case value_kind::number: return "a number";
    case value_kind::boolean: return "true or false";
    }
    return {};
  }

  void read_environment() {
    std::map<std::string, const key*> known;
    for (const auto& k : keys())
      known.emplace(variable_of(k), &k);
    std::string unused;
    for (const auto& [name, text] : request_.environ) {
      if (!name.starts_with(variable_prefix)) continue;
      if (const auto here = known.find(name); here != known.end())
        assign(*here->second, 2, name, text);
      else if (is_reserved_variable(name))
        (unused += unused.empty() ? "" : ", ") += name;
      else
        fail(name, "unknown variable" + hint(name, variable_of));
    }
    if (!unused.empty()) result_.warnings.push_back("no feature uses these variables yet: " + unused);
  }

  void read_overrides() {
    for (const auto& [name, text] : request_.overrides) {
      if (const auto* k = find_key(name))
        assign(*k, 3, flag_of(*k), text);
      else
        fail("--" + name, "unknown key");
    }
  }

  void read_secret_files() {
    for (const auto& k : keys()) {
      const auto* plain = k.name.ends_with("_file") ? twin_of(k) : nullptr;
      const auto here = plain ? origins_.find(&k) : origins_.end();
      if (here != origins_.end() && !here->second.text.empty()) read_secret_file(*plain, here->second);
    }
  }

  /// The text without the line end that editors add.
  void read_secret_file(const key& plain, const origin& file) {
    std::ifstream stream(file.text, std::ios::binary);
    if (!stream) return fail(file.where, file.text + " cannot be read");
    std::string text{std::istreambuf_iterator<char>(stream), {}};
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
      text.pop_back();
    if (auto reason = plain.assign(result_.settings, text); !reason.empty())
      fail(file.where, "the text in " + file.text + " " + reason);
    else
      origins_[&plain] = file;
  }

  void check_together() {
    const auto& s = result_.settings;
    if (s.cluster.heartbeat * 2 > s.cluster.lease_ttl)
      fail(
          where_of("cluster.heartbeat_ms", "cluster.lease_ttl_ms"),
          "cluster.heartbeat_ms must be at most half of cluster.lease_ttl_ms"
      );
    if (s.journal.max_round > s.journal.max_depth)
      fail(
          where_of("journal.max_round", "journal.max_depth"),
          "journal.max_round must not be above journal.max_depth"
      );
    const auto admin = admin_endpoint_of(s.http);
    if (admin.own_port && admin.port != 0 && admin.port == s.http.server.port)
      fail(
          where_of("http.admin_address", "http.admin_port", "http.port"),
          "http.admin_port must not be http.port"
      );
    if (!s.smtp.fallback_url.empty() && s.smtp.url.empty())
      fail(where_of("smtp.fallback_url", "smtp.fallback_url_file"), "smtp.fallback_url needs smtp.url");
    check_sms();
  }

  /// All of it, or nothing.
  void check_sms() {
    const auto& sms = result_.settings.sms;
    const std::pair<const char*, bool> given[] = {
        {"sms.account_sid", !sms.account_sid.empty()},
        {"sms.auth_token", !sms.auth_token.empty()},
        {"sms.from", !sms.from.empty()}};
    if (std::ranges::none_of(given, &std::pair<const char*, bool>::second)) return;
    for (const auto& [name, is_there] : given)
      if (!is_there && !failed_already(*find_key(name)))
        fail(
            where_of("sms.account_sid", "sms.auth_token", "sms.auth_token_file", "sms.from"),
            std::string(name) + " is missing: SMS need sms.account_sid, sms.auth_token and sms.from"
        );
  }

  void check_required() {
    for (const auto& name : request_.required) {
      const auto* k = find_key(name);
      if (!origins_.contains(k) && !failed_already(*k)) fail(variable_of(*k), name + " is required");
    }
  }

  /// A key whose value was wrong is not missing as well.
  bool failed_already(const key& k) const {
    return std::ranges::any_of(result_.errors, [&](const auto& error) {
      return error.where == variable_of(k) || error.reason.find(k.name) != std::string::npos;
    });
  }

  /// The first of the keys that somebody set.
  std::string where_of(std::same_as<const char*> auto... names) const {
    for (const auto* name : {names...})
      if (const auto here = origins_.find(find_key(name)); here != origins_.end()) return here->second.where;
    return "default";
  }

  void fill_in() {
    auto& s = result_.settings;
    s.http.server.public_base_is_https = s.public_base_url.starts_with("https://");
    if (!s.cluster.node_name.empty()) return;
    char host[256] = {};
    if (::gethostname(host, sizeof host - 1) == 0) s.cluster.node_name = host;
    if (s.cluster.node_name.empty()) s.cluster.node_name = "node";
  }

  const load_request& request_;
  load_result result_;
  std::map<const key*, origin> origins_; // only what was set
};

} // namespace

std::string to_string(const config_error& error) {
  return error.where + ": " + error.reason;
}

load_result load(const load_request& request) {
  return loading(request).run();
}

text_map tessera_environment() {
  text_map found;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    if (text.starts_with(variable_prefix) && equals != text.npos)
      found.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return found;
}

} // namespace tessera::config
