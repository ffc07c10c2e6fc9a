#include "messages/tenant_snapshot.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <numeric>
#include <tuple>

namespace tessera {

namespace {

using row = entity_tree::row;
using places = std::vector<std::uint32_t>;

constexpr auto nowhere = static_cast<std::uint32_t>(-1);

template <class Entities> places by_account_of(const Entities& entities) {
  places order(entities.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&entities](std::uint32_t a, std::uint32_t b) {
    return entities[a].account < entities[b].account;
  });
  return order;
}

template <class Entities>
std::uint32_t place_of(const Entities& entities, const places& by_account, const account_id& account) {
  const auto found = std::lower_bound(
      by_account.begin(),
      by_account.end(),
      account,
      [&entities](std::uint32_t i, const account_id& a) { return entities[i].account < a; }
  );
  return found == by_account.end() || entities[*found].account != account ? nowhere : *found;
}

/// Finds the rows from which a way leads up to a root: whoever walks up the tree arrives.
class root_finder {
public:
  explicit root_finder(std::span<const row> rows)
      : rows_(rows), by_account_(by_account_of(rows)), states_(rows.size(), state::unknown) {}

  std::vector<row> rooted() {
    std::vector<row> kept;
    kept.reserve(rows_.size());
    for (std::uint32_t i = 0; i < rows_.size(); ++i)
      if (climb(i) == state::rooted) kept.push_back(rows_[i]);
    return kept;
  }

private:
  enum class state : std::uint8_t { unknown, on_the_way, rooted, lost };

  /// All that is passed shares what is found at the end.
  state climb(std::uint32_t from) {
    way_.clear();
    const auto found = end_of_way(from);
    for (const auto passed : way_)
      states_[passed] = found;
    return found;
  }

  state end_of_way(std::uint32_t at) {
    while (at != nowhere && states_[at] == state::unknown) {
      states_[at] = state::on_the_way;
      way_.push_back(at);
      if (rows_[at].parent.value.is_nil()) return state::rooted;
      at = place_of(rows_, by_account_, rows_[at].parent);
    }
    // One that is on the way already closes a circle.
    return at != nowhere && states_[at] == state::rooted ? state::rooted : state::lost;
  }

  std::span<const row> rows_;
  places by_account_;
  std::vector<state> states_;
  places way_;
};

/// Where the probing for a name begins.
std::size_t first_slot(const places& table, entity_type type, std::string_view id) {
  return (std::hash<std::string_view>{}(id) + static_cast<std::size_t>(type)) & (table.size() - 1);
}

places by_name_of(std::span<const directory_entity> entities) {
  places table(std::bit_ceil(2 * entities.size()), nowhere);
  for (std::uint32_t place = 0; place < entities.size(); ++place) {
    auto slot = first_slot(table, entities[place].type, entities[place].id);
    while (table[slot] != nowhere)
      slot = (slot + 1) & (table.size() - 1);
    table[slot] = place;
  }
  return table;
}

template <class Entity> auto order_of(const Entity& entity) {
  return std::tuple(entity.type, entity.id);
}

} // namespace

entity_tree::entity_tree(std::span<const row> given) {
  auto rows = root_finder(given).rooted();
  std::sort(rows.begin(), rows.end(), [](const row& a, const row& b) { return order_of(a) < order_of(b); });
  std::size_t letters = 0;
  for (const auto& each : rows)
    letters += each.id.size();
  text_.reserve(letters); // so that the views into it stay good
  entities_.reserve(rows.size());
  for (const auto& each : rows) {
    const auto* begin = text_.data() + text_.size();
    text_.insert(text_.end(), each.id.begin(), each.id.end());
    entities_.push_back({each.account, {begin, each.id.size()}, -1, each.type});
  }
  by_account_ = by_account_of(entities_);
  by_name_ = by_name_of(entities_);
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (!rows[i].parent.value.is_nil())
      entities_[i].parent = static_cast<std::int32_t>(place_of(entities_, by_account_, rows[i].parent));
}

const directory_entity* entity_tree::find(entity_type type, std::string_view id) const {
  if (by_name_.empty()) return nullptr;
  for (auto slot = first_slot(by_name_, type, id);; slot = (slot + 1) & (by_name_.size() - 1)) {
    if (by_name_[slot] == nowhere) return nullptr;
    const auto& there = entities_[by_name_[slot]];
    if (there.type == type && there.id == id) return &there;
  }
}

const directory_entity* entity_tree::find(const account_id& account) const {
  const auto place = place_of(entities_, by_account_, account);
  return place == nowhere ? nullptr : &entities_[place];
}

bool entity_tree::covers(const account_id& ancestor, const directory_entity& entity) const {
  for (const auto* at = &entity; at; at = parent_of(*at))
    if (at->account == ancestor) return true;
  return false;
}

std::size_t entity_tree::bytes() const {
  return text_.capacity() + entities_.capacity() * sizeof(directory_entity) +
         (by_account_.capacity() + by_name_.capacity()) * sizeof(std::uint32_t);
}

const directory_user* tenant_snapshot::find_user(std::string_view user) const {
  const auto found = std::lower_bound(
      users.begin(),
      users.end(),
      user,
      [](const directory_user& u, std::string_view wanted) { return u.id < wanted; }
  );
  return found == users.end() || found->id != user ? nullptr : &*found;
}

const directory_user* tenant_snapshot::find_user(std::string_view issuer, std::string_view subject) const {
  const auto wanted = std::tuple(issuer, subject);
  const auto name_of = [](const user_identity& i) {
    return std::tuple(std::string_view(i.issuer), std::string_view(i.subject));
  };
  const auto found = std::lower_bound(
      identities.begin(),
      identities.end(),
      wanted,
      [&](const user_identity& i, const auto& w) { return name_of(i) < w; }
  );
  return found == identities.end() || name_of(*found) != wanted ? nullptr : find_user(found->user);
}

bool tenant_snapshot::has_ended(const uuid& session) const {
  return std::binary_search(ended_sessions.begin(), ended_sessions.end(), session) ||
         ended_since->has(session);
}

} // namespace tessera
