#include "actors/domain/entry_effects.hpp"

#include <array>
#include <cassert>

namespace tessera {

namespace {

constexpr std::size_t index_of(entry_type type) {
  return static_cast<std::size_t>(type);
}

constexpr auto effects = [] {
  using enum change;
  std::array<entry_effect, entry_type_count> table{};
  // clang-format off
  //                                           free  held  used  sum                           supported arrives
  table[index_of(entry_type::genesis)] =      {none, none, none, nullptr,                         true, false};
  table[index_of(entry_type::purchase)] =     {add,  none, none, &account_totals::lifetime_in,    true, true};
  table[index_of(entry_type::grant)] =        {add,  none, none, &account_totals::lifetime_in,    true, true};
  table[index_of(entry_type::bonus)] =        {add,  none, none, &account_totals::lifetime_in,    true, true};
  table[index_of(entry_type::spend)] =        {take, none, add,  nullptr,                         true, false};
  table[index_of(entry_type::hold)] =         {take, add,  none, nullptr,                         true, false};
  table[index_of(entry_type::capture)] =      {none, take, add,  nullptr,                         true, false};
  table[index_of(entry_type::release)] =      {add,  take, none, nullptr,                         true, false};
  table[index_of(entry_type::allocate_out)] = {take, none, none, &account_totals::allocated_out,  true, false};
  table[index_of(entry_type::allocate_in)] =  {add,  none, none, &account_totals::lifetime_in,    true, true};
  table[index_of(entry_type::return_in)] =    {add,  none, none, &account_totals::lifetime_in,    true, true};
  table[index_of(entry_type::expire)] =       {take, none, none, &account_totals::expired,        true, false};
  // clang-format on
  return table;
}();

void adjust(credits& target, change what, credits units) {
  switch (what) {
  case change::none: break;
  case change::add: target += units; break;
  case change::take: target -= units; break;
  }
  assert(target >= credits{0});
}

} // namespace

const entry_effect& effect_of(entry_type type) {
  const auto& effect = effects[index_of(type)];
  assert(effect.supported);
  return effect;
}

const entry_effect* find_effect(entry_type type) {
  const bool is_type = index_of(type) < effects.size();
  return is_type && effects[index_of(type)].supported ? &effects[index_of(type)] : nullptr;
}

balances apply(const entry_effect& effect, balances before, credits units) {
  adjust(before.available, effect.free, units);
  adjust(before.reserved, effect.held, units);
  adjust(before.used, effect.used, units);
  return before;
}

void apply(const entry_effect& effect, lot& target, credits units) {
  adjust(target.free, effect.free, units);
  adjust(target.held, effect.held, units);
  if (effect.arrives) target.amount += units;
}

} // namespace tessera
