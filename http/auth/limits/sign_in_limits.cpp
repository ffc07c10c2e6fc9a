#include "http/auth/limits/sign_in_limits.hpp"

#include "actors/support/identifiers.hpp"
#include "actors/support/sha256.hpp"
#include "http/auth/limits/rate_headers.hpp"

#include <cmath>
#include <cstring>

namespace tessera::http {

namespace {

using namespace std::chrono_literals;

// R-R 5 row 64.
constexpr std::int64_t failures_of_account_and_network = 10;
constexpr std::int64_t failures_of_account = 100;
constexpr std::int64_t failures_of_address = 100;
constexpr std::int64_t successes_of_account = 60;

constexpr std::size_t most_familiar = 65'536;

rate scaled(std::int64_t most, double scale, std::chrono::nanoseconds period = 15min) {
  return {std::max<std::int64_t>(std::llround(static_cast<double>(most) * scale), 1), period};
}

} // namespace

sign_in_limits::sign_in_limits(double scale)
    : by_account_and_network_(scaled(failures_of_account_and_network, scale)),
      by_account_(scaled(failures_of_account, scale)), by_address_(scaled(failures_of_address, scale)),
      successes_(scaled(successes_of_account, scale, 1min)) {
  random_bytes(salt_.data(), salt_.size());
}

std::uint64_t sign_in_limits::hash_of(std::string_view account, const ip_address* from) const {
  std::string text(salt_.data(), salt_.size());
  if (from) text.append(reinterpret_cast<const char*>(from->data()), from->size());
  const auto hash = sha256::local()(text, account);
  std::uint64_t key = 0;
  std::memcpy(&key, hash.data(), sizeof key);
  return key;
}

bool sign_in_limits::take(
    rate_table& table,
    std::string_view policy,
    std::uint64_t key,
    std::optional<std::uint64_t>& taken,
    attempt& into,
    std::int64_t now_ns
) {
  const auto verdict = table.take(key, now_ns);
  if (into.headers.empty()) into.headers = rate_headers(policy, table.limit(), verdict);
  if (verdict.allowed)
    taken = key;
  else
    into.refused = rate_limited(policy, table.limit(), verdict);
  return verdict.allowed;
}

sign_in_limits::attempt
sign_in_limits::begin(std::string_view account, const ip_address& from, std::int64_t now_ns) {
  const auto network = network_of(from);
  const auto client = client_of(from);
  const auto everywhere = hash_of(account, nullptr);
  attempt begun;
  // Looked at before anything is taken: many at once may pass by as many as the limits of failures let in.
  if (const auto left = successes_.look(everywhere, now_ns); !left.allowed) {
    begun.refused = rate_limited("sign-in-success", successes_.limit(), left);
    return begun;
  }
  begun.success = everywhere;
  begun.begun_ns = now_ns;
  const auto here = hash_of(account, &network);
  bool allowed = take(by_account_and_network_, "sign-in", here, begun.account_and_network, begun, now_ns) &&
                 take(by_address_, "sign-in-address", hash_of({}, &client), begun.address, begun, now_ns);
  if (allowed && !is_familiar(here))
    allowed = take(by_account_, "sign-in-account", everywhere, begun.account, begun, now_ns);
  if (!allowed) forgive(begun); // what was taken before the refusal is not used
  return begun;
}

sign_in_limits::attempt sign_in_limits::begin(const ip_address& from, std::int64_t now_ns) {
  const auto client = client_of(from);
  attempt begun;
  take(by_address_, "sign-in-address", hash_of({}, &client), begun.address, begun, now_ns);
  return begun;
}

void sign_in_limits::succeeded(const attempt& which) {
  forgive(which);
  if (which.success) successes_.take(*which.success, which.begun_ns);
  if (which.account_and_network) make_familiar(*which.account_and_network);
}

void sign_in_limits::forgive(const attempt& which) {
  if (which.account_and_network) by_account_and_network_.give_back(*which.account_and_network);
  if (which.account) by_account_.give_back(*which.account);
  if (which.address) by_address_.give_back(*which.address);
}

bool sign_in_limits::is_familiar(std::uint64_t account_and_network) {
  const std::lock_guard lock(familiar_mutex_);
  return familiar_.contains(account_and_network) || familiar_before_.contains(account_and_network);
}

void sign_in_limits::make_familiar(std::uint64_t account_and_network) {
  const std::lock_guard lock(familiar_mutex_);
  if (familiar_.size() >= most_familiar) {
    familiar_before_ = std::move(familiar_);
    familiar_.clear();
  }
  familiar_.insert(account_and_network);
}

} // namespace tessera::http
