#include "actors/domain/entry_effects.hpp"

#include "actors/domain/must.hpp"

#include <algorithm>
#include <array>

namespace tessera {

namespace {

constexpr std::size_t index_of(entry_type type) {
  return static_cast<std::size_t>(type);
}

constexpr auto effects = [] {
  using enum change;
  std::array<entry_effect, entry_type_count> table{};
  // clang-format off
  //                                           free  held  used  debt  sum                            arrives
  table[index_of(entry_type::genesis)] =      {none, none, none, none, nullptr,                         false};
  table[index_of(entry_type::purchase)] =     {add,  none, none, none, &account_totals::lifetime_in,    true};
  table[index_of(entry_type::grant)] =        {add,  none, none, none, &account_totals::lifetime_in,    true};
  table[index_of(entry_type::bonus)] =        {add,  none, none, none, &account_totals::lifetime_in,    true};
  table[index_of(entry_type::spend)] =        {take, none, add,  none, nullptr,                         false};
  table[index_of(entry_type::hold)] =         {take, add,  none, none, nullptr,                         false};
  table[index_of(entry_type::capture)] =      {none, take, add,  none, nullptr,                         false};
  table[index_of(entry_type::release)] =      {add,  take, none, none, nullptr,                         false};
  table[index_of(entry_type::allocate_out)] = {take, none, none, none, &account_totals::allocated_out,  false};
  table[index_of(entry_type::allocate_in)] =  {add,  none, none, none, &account_totals::lifetime_in,    true};
  table[index_of(entry_type::return_out)] =   {take, none, none, none, &account_totals::allocated_out,  false};
  table[index_of(entry_type::return_in)] =    {add,  none, none, none, &account_totals::lifetime_in,    true};
  table[index_of(entry_type::reclaim_out)] =  {take, none, none, none, &account_totals::allocated_out,  false};
  table[index_of(entry_type::reclaim_in)] =   {add,  none, none, none, &account_totals::lifetime_in,    true};
  table[index_of(entry_type::expire)] =       {take, none, none, none, &account_totals::expired,        false};
  table[index_of(entry_type::refund)] =       {none, take, none, none, &account_totals::refunded,       false};
  table[index_of(entry_type::clawback)] =     {take, none, none, none, &account_totals::clawed_back,    false};
  table[index_of(entry_type::debt_repaid)] =  {take, none, none, take, &account_totals::debt_repaid,    false};
  table[index_of(entry_type::reinstate)] =    {add,  none, none, none, &account_totals::lifetime_in,    true};
  table[index_of(entry_type::reverse)] =      {add,  none, take, none, nullptr,                         false};
  table[index_of(entry_type::adjust)] =       {none, none, none, add,  nullptr,                         false};
  table[index_of(entry_type::freeze)] =       {none, none, none, none, nullptr,                         false};
  table[index_of(entry_type::unfreeze)] =     {none, none, none, none, nullptr,                         false};
  // clang-format on
  return table;
}();

void adjust(credits& target, change what, credits units) {
  switch (what) {
  case change::none: break;
  case change::add: target += units; break;
  case change::take: target -= units; break;
  }
  must(target >= credits{0}, "no balance falls below zero");
}

} // namespace

const entry_effect& effect_of(entry_type type) {
  const auto* found = find_effect(type);
  must(found != nullptr, "an entry has a type");
  return *found;
}

const entry_effect* find_effect(entry_type type) {
  return index_of(type) < effects.size() ? &effects[index_of(type)] : nullptr;
}

balances apply(const entry_effect& effect, balances before, credits units) {
  adjust(before.available, effect.free, units);
  adjust(before.reserved, effect.held, units);
  adjust(before.used, effect.used, units);
  adjust(before.debt, effect.debt, units);
  return before;
}

void apply(const entry_effect& effect, lot& target, credits units) {
  adjust(target.free, effect.free, units);
  adjust(target.held, effect.held, units);
  if (effect.arrives) target.amount += units;
  // One that was emptied and comes back knows only what it was opened with.
  target.amount = std::max(target.amount, target.free + target.held);
}

} // namespace tessera
