#include "http/routes/credits/lot_choice_fields.hpp"

#include <algorithm>
#include <chrono>

namespace tessera::http {

namespace {

constexpr std::size_t most_lots = 100;
constexpr std::int64_t most_days = 36'500;

void read_lot_ids(json::object& root, std::vector<lot_id>& into) {
  const auto ids = root.optional_array("lotIds", {.least = 1, .most = most_lots});
  if (!ids) return;
  for (const auto item : *ids) {
    const auto text = item.string({.most = 36});
    const auto id = uuid::parse(text);
    if (!id)
      item.reject("invalid_id", "A lotId of the source.");
    else if (std::find(into.begin(), into.end(), lot_id{*id}) != into.end())
      item.reject("duplicate_lot", "The lot stands here twice.");
    else
      into.emplace_back(*id);
  }
}

} // namespace

lot_choice read_lot_choice(json::object& fields) {
  lot_choice lots;
  if (const auto policy = fields.optional_choice("lotPolicy", {"soonest_first", "latest_first"}))
    lots.policy = *policy == 0 ? lot_policy::soonest_first : lot_policy::latest_first;
  read_lot_ids(fields, lots.only);
  if (const auto days = fields.optional_integer("minRemainingDays", {.least = 0, .most = most_days}))
    lots.min_remaining = std::chrono::days{*days};
  return lots;
}

void add_lot_choice(fingerprint& print, const lot_choice& lots) {
  print.add(lots.policy ? static_cast<std::int64_t>(*lots.policy) : -1);
  print.add(std::int64_t{lots.min_remaining.count()});
  for (const auto& lot : lots.only)
    print.add(to_string(lot));
}

} // namespace tessera::http
