#include "actors/domain/ledger_format.hpp"
#include "persistence/stores/entry_rows.hpp"
#include "persistence/stores/hold_bytes.hpp"
#include "persistence/stores/round_statements.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/unit/domain/canonical_reader.hpp"

#include <libpq-fe.h>

namespace tessera::fuzz {

namespace {

enum class column { number2, number8, flag, id, hash, bytes, texts };

constexpr column entry_row[] = {
    column::id,      column::number8, column::id,      column::number2, column::number8, column::bytes,
    column::number8, column::number8, column::number8, column::number8, column::number8, column::number8,
    column::number8, column::id,      column::id,      column::id,      column::number2, column::bytes,
    column::bytes,   column::bytes,   column::bytes,   column::bytes,   column::bytes,   column::bytes,
    column::bytes,   column::bytes,   column::hash,    column::bytes};
constexpr column snapshot_row[] = {
    column::id,
    column::id,
    column::number8,
    column::bytes,
    column::number8,
    column::number8,
    column::number8,
    column::number8,
    column::number8,
    column::number8,
    column::number8,
    column::number8,
    column::number8,
    column::number8,
    column::number8,
    column::flag,
    column::bytes};
constexpr column lot_row[] = {
    column::id,
    column::id,
    column::id,
    column::id,
    column::number8,
    column::number2,
    column::number2,
    column::number8,
    column::number8,
    column::texts,
    column::bytes,
    column::number8,
    column::bytes,
    column::number8,
    column::number8,
    column::number8,
    column::bytes};
static_assert(std::size(entry_row) == persistence::entry_columns);
static_assert(std::size(snapshot_row) == persistence::snapshot_columns);

std::string_view take(std::string_view& bytes, std::size_t count) {
  const auto taken = bytes.substr(0, count);
  bytes.remove_prefix(taken.size());
  return taken;
}

std::string padded(std::string_view bytes, std::size_t size) {
  std::string all(size - bytes.size(), '\0');
  return all.append(bytes);
}

void put_number(std::string& out, std::size_t number) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out += static_cast<char>(number >> shift & 0xff);
}

/// PostgreSQL keeps the form of an array; what stands in it is anybody's.
std::string array_of(std::string_view& bytes) {
  std::string items;
  const auto count = take_byte(bytes) % 4;
  for (auto left = count; left > 0; --left) {
    const auto item = take(bytes, take_byte(bytes));
    put_number(items, item.size());
    items += item;
  }
  std::string out;
  for (const std::size_t number : {count > 0 ? 1u : 0u, 0u, 25u})
    put_number(out, number);
  if (count == 0) return out;
  put_number(out, count);
  put_number(out, 1);
  return out + items;
}

std::string value_of(column kind, std::string_view& bytes) {
  switch (kind) {
  case column::number2: return padded(take(bytes, 1), 2);
  case column::number8: return padded(take(bytes, 8), 8);
  case column::flag: return padded(take(bytes, 1), 1);
  case column::id: return padded(take(bytes, 2), 16);
  case column::hash: return padded(take(bytes, 2), 32);
  case column::bytes: return std::string(take(bytes, take_byte(bytes)));
  case column::texts: return array_of(bytes);
  }
  return {};
}

/// A row as libpq has it, made of the bytes; types and lengths of what is fixed are the schema's.
pg::rows row_of(std::span<const column> kinds, std::string_view& bytes) {
  auto* made = PQmakeEmptyPGresult(nullptr, PGRES_TUPLES_OK);
  pg::rows owned(made);
  char name[] = "c";
  std::vector<PGresAttDesc> described(kinds.size(), PGresAttDesc{name, 0, 0, 1, 25, -1, -1});
  claim(
      PQsetResultAttrs(made, static_cast<int>(described.size()), described.data()) != 0,
      "libpq takes the columns"
  );
  for (int at = 0; const auto kind : kinds) {
    auto value = value_of(kind, bytes);
    claim(
        PQsetvalue(made, 0, at++, value.data(), static_cast<int>(value.size())) != 0, "libpq takes the value"
    );
  }
  return owned;
}

void check_entry(std::string_view bytes) {
  account_event event;
  event.booked = persistence::entry_at(row_of(entry_row, bytes), 0);
  if (!bytes.empty()) event.opened.push_back(persistence::lot_at(row_of(lot_row, bytes), 0).second);
  // Only an entry without a mark has none in its bytes.
  if (has_hold_mark(event.booked.type) && !event.booked.hold) event.booked.hold = hold_mark{};
  std::string canonical;
  append_canonical(canonical, event);
  test::canonical_reader reader(canonical);
  const auto again = reader.read();
  std::string same;
  append_canonical(same, again);
  claim(reader.at_end() && same == canonical, "what is hashed of an entry has one reading");
}

void check_packed(std::string_view bytes) {
  const auto slices = persistence::unpack_slices(bytes);
  claim(
      persistence::pack_slices(slices) == bytes.substr(0, slices.size() * 24),
      "slices are packed as they were"
  );
  const auto mark = persistence::unpack_mark(bytes);
  claim(mark.has_value() == (bytes.size() == 26), "a mark has 26 bytes");
  if (mark) claim(persistence::pack_mark(*mark) == bytes, "a mark is packed as it was");
  const auto holds = persistence::unpack_holds(bytes);
  claim(
      persistence::unpack_holds(persistence::pack_holds(holds)) == holds, "holds are unpacked as they were"
  );
}

} // namespace

/// The first byte says what follows: an entry and perhaps a lot, a snapshot, or packed slices and holds.
void run_entries(std::string_view bytes) {
  switch (take_byte(bytes) % 3) {
  case 0: return check_entry(bytes);
  case 1: {
    const auto read = persistence::snapshot_at(row_of(snapshot_row, bytes), 0);
    claim(
        persistence::unpack_holds(persistence::pack_holds(read.holds)) == read.holds,
        "holds are unpacked as they were"
    );
    return;
  }
  default: return check_packed(bytes);
  }
}

} // namespace tessera::fuzz
