#include "persistence/stores/hold_store.hpp"

#include "persistence/stores/entry_rows.hpp"
#include "persistence/stores/hold_bytes.hpp"
#include "persistence/stores/int8.hpp"
#include "persistence/stores/transaction_store.hpp"

#include <map>
#include <utility>

namespace tessera::persistence {

namespace {

using type = pg::parameters::type;

std::optional<entry> entry_of(pg::transaction& in, const entry_place& place) {
  const auto rows = in.execute(
      "SELECT " TESSERA_ENTRY_COLUMNS " FROM credit_entries e WHERE e.account_id = $1 AND e.seq = $2",
      pg::parameters().add(place.account).add(int8_of(place.seq))
  );
  return rows.empty() ? std::nullopt : std::optional(entry_at(rows, 0));
}

/// What was said last of a hold.
struct last_word {
  std::uint64_t seq = 0;
  hold_mark mark;
  credits available;
};

std::optional<last_word> last_word_of(const std::optional<entry>& said) {
  if (!said || !said->hold) return std::nullopt;
  return last_word{said->seq, *said->hold, said->usable_after};
}

hold_view view_of(entry opened, const last_word& last) {
  hold_view view;
  view.opened = {opened.account, opened.seq};
  view.mark = last.mark;
  view.taken = std::move(opened.slices);
  view.application = std::move(opened.application);
  view.meter = std::move(opened.meter);
  view.metadata = std::move(opened.metadata);
  view.holder = std::move(opened.requested_by);
  view.created_at = opened.booked_at;
  view.seq = last.seq;
  view.available = last.available;
  return view;
}

/// Nobody can use it any more, whether or not an entry says so.
void end_in_time(hold_view& view, time_point now) {
  if (view.mark.state == hold_state::open && now >= view.mark.ends_at) view.mark.state = hold_state::expired;
}

std::optional<hold_view> as_it_was(pg::transaction& in, const hold_query& query) {
  auto said = entry_of(in, {query.opened.account, *query.as_of});
  const auto last = last_word_of(said);
  if (!last) return std::nullopt;
  if (said->type == entry_type::hold) return view_of(std::move(*said), *last);
  const auto place = parse_hold_id(said->reference);
  auto opened = place ? entry_of(in, *place) : std::nullopt;
  return opened ? std::optional(view_of(std::move(*opened), *last)) : std::nullopt;
}

/// What the last entry that followed the hold says of it; nothing where none did.
std::optional<entry> last_entry_of(pg::transaction& in, const entry_place& opened) {
  const auto rows = in.execute(
      "SELECT " TESSERA_ENTRY_COLUMNS " FROM credit_entries e WHERE e.account_id = $1 AND e.hold_seq = $2"
      " ORDER BY e.seq DESC LIMIT 1",
      pg::parameters().add(opened.account).add(int8_of(opened.seq))
  );
  return rows.empty() ? std::nullopt : std::optional(entry_at(rows, 0));
}

std::optional<hold_view> as_it_is(pg::transaction& in, const hold_query& query, time_point now) {
  auto opened = entry_of(in, query.opened);
  if (!opened || opened->type != entry_type::hold) return std::nullopt;
  auto last = last_word_of(last_entry_of(in, query.opened));
  if (!last) last = last_word_of(opened);
  if (!last) return std::nullopt;
  auto view = view_of(std::move(*opened), *last);
  end_in_time(view, now);
  return view;
}

// By the index of what followed holds.
constexpr auto last_words_sql = "SELECT x.account, x.opened, m.seq, m.hold_mark, m.usable_after"
                                " FROM unnest($1::uuid[], $2::bigint[]) AS x (account, opened)"
                                " CROSS JOIN LATERAL (SELECT * FROM credit_entries e"
                                "  WHERE e.account_id = x.account AND e.hold_seq = x.opened"
                                "  ORDER BY e.seq DESC LIMIT 1) AS m";

using last_words = std::map<std::pair<account_id, std::uint64_t>, last_word>;

/// Of those that an entry followed.
last_words last_words_of(pg::transaction& in, const std::vector<transaction>& opened) {
  pg::parameters places;
  places.add_array(type::uuid, opened, [](const transaction& each) { return each.booked.account; });
  places.add_array(type::int8, opened, [](const transaction& each) { return int8_of(each.booked.seq); });
  const auto rows = in.execute(last_words_sql, places);
  last_words found;
  for (int i = 0; i < rows.size(); ++i)
    if (const auto mark = unpack_mark(rows.bytes(i, 3)))
      found[{rows.id<account_id>(i, 0), static_cast<std::uint64_t>(rows.int8(i, 1))}] = {
          static_cast<std::uint64_t>(rows.int8(i, 2)), *mark, credits{rows.int8(i, 4)}};
  return found;
}

} // namespace

std::optional<hold_view> find_hold(pg::transaction& in, const hold_query& query, time_point now) {
  auto found = query.as_of ? as_it_was(in, query) : as_it_is(in, query, now);
  if (!found || !query.application || found->application == *query.application) return found;
  return query.entity_level && found->application.empty() ? found : std::nullopt;
}

/// A page of the entries that opened holds, and what became of each.
hold_page holds_of(pg::transaction& in, const list_holds& query, time_point now) {
  auto wanted = query.of;
  wanted.type = entry_type::hold;
  auto opened = transactions_of(in, wanted);
  const auto words = last_words_of(in, opened.transactions);
  hold_page page{{}, opened.next, opened.newest};
  for (auto& each : opened.transactions) {
    const auto later = words.find({each.booked.account, each.booked.seq});
    const auto last = later == words.end() ? last_word_of(each.booked) : later->second;
    if (!last) continue;
    auto view = view_of(std::move(each.booked), *last);
    view.entity = std::move(each.entity);
    end_in_time(view, now);
    page.holds.push_back(std::move(view));
  }
  return page;
}

} // namespace tessera::persistence
