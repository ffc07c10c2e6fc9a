#include "http/auth/tokens/verified_tokens.hpp"

#include <algorithm>
#include <cstring>

namespace tessera::http {

namespace {

constexpr std::chrono::seconds remembered_for{60};

} // namespace

std::size_t verified_tokens::hash::operator()(const digest& value) const noexcept {
  std::size_t part = 0;
  std::memcpy(&part, value.data() + 8, sizeof part);
  return part;
}

std::optional<access_token> verified_tokens::find(const digest& token_sha256, time_point now) {
  auto& here = shard_of(token_sha256);
  const std::lock_guard lock(here.mutex);
  for (auto* part : {&here.newer, &here.older})
    if (const auto found = part->find(token_sha256); found != part->end())
      return found->second.until > now ? std::optional(found->second.token) : std::nullopt;
  return std::nullopt;
}

void verified_tokens::remember(const digest& token_sha256, const access_token& token, time_point now) {
  auto& here = shard_of(token_sha256);
  const std::lock_guard lock(here.mutex);
  if (here.newer.size() >= most_of_half_) {
    here.older = std::move(here.newer);
    here.newer.clear();
  }
  here.newer.insert_or_assign(token_sha256, entry{token, std::min(token.expires_at, now + remembered_for)});
}

} // namespace tessera::http
