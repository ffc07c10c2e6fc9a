#include "tests/faults/history/ledger_rows.hpp"

#include <simdjson.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace tessera::test {

namespace {

using row = simdjson::dom::array;

/// Reads the columns of a row from left to right.
class columns {
public:
  explicit columns(const row& of) : at_(of.begin()) {}

  std::int64_t integer() { return std::int64_t{*at_++}; }
  std::string text() { return std::string(std::string_view{*at_++}); }
  std::vector<std::string> texts() {
    std::vector<std::string> all;
    for (const simdjson::dom::element each : row{*at_++})
      all.emplace_back(std::string_view{each});
    return all;
  }
  bool boolean() { return bool{*at_++}; }
  credits figure() { return credits{integer()}; }
  time_point instant() { return from_microseconds(integer()); }
  template <class Id> Id id() { return Id{parsed_uuid(text())}; }

  template <class Read> auto optional(Read read) -> std::optional<decltype(read(*this))> {
    const simdjson::dom::element here = *at_;
    if (!here.is_null()) return read(*this);
    ++at_;
    return std::nullopt;
  }

  std::string bytes() {
    const auto hex = text();
    std::string out;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
      out.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    return out;
  }
  digest hash() {
    digest value{};
    const auto raw = bytes();
    std::copy_n(raw.begin(), std::min(raw.size(), value.size()), value.begin());
    return value;
  }

  static uuid parsed_uuid(const std::string& from) {
    const auto value = uuid::parse(from);
    if (!value) throw std::runtime_error("no uuid: " + from);
    return *value;
  }

private:
  row::iterator at_;
};

/// 24 bytes each: the lot, its units in big-endian.
std::vector<slice> slices_in(const std::string& bytes) {
  std::vector<slice> all;
  for (std::size_t at = 0; at + 24 <= bytes.size(); at += 24) {
    slice part;
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), 16, part.lot.value.bytes.begin());
    std::uint64_t units = 0;
    for (std::size_t i = at + 16; i < at + 24; ++i)
      units = units << 8 | static_cast<std::uint8_t>(bytes[i]);
    part.units = credits{static_cast<std::int64_t>(units)};
    all.push_back(part);
  }
  return all;
}

std::int64_t number_in(const std::string& bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = at; i < at + 8; ++i)
    value = value << 8 | static_cast<std::uint8_t>(bytes.at(i));
  return static_cast<std::int64_t>(value);
}

/// 26 bytes (docs/ledger-format.md, fields 40 to 44).
hold_mark mark_in(const std::string& bytes) {
  return {
      static_cast<hold_purpose>(bytes.at(0)),
      static_cast<hold_state>(bytes.at(1)),
      credits{number_in(bytes, 2)},
      credits{number_in(bytes, 10)},
      from_microseconds(number_in(bytes, 18))};
}

constexpr const char* entry_columns =
    "account_id, seq, tenant_id, entry_type, units, encode(slices, 'hex'), available_after, reserved_after, "
    "used_after, debt_after, usable_after, (extract(epoch FROM occurred_at) * 1000000)::bigint, "
    "(extract(epoch FROM booked_at) * 1000000)::bigint, idempotency_key, fingerprint, writer, "
    "principal_kind, "
    "application, meter, reference, principal_id, principal_application, request_id, event_id, caller_key, "
    "metadata, "
    "encode(hash, 'hex'), encode(hold_mark, 'hex')";

entry entry_in(const row& from) {
  columns column(from);
  entry e;
  e.account = column.id<account_id>();
  e.seq = static_cast<std::uint64_t>(column.integer());
  e.tenant = column.id<tenant_id>();
  e.type = static_cast<entry_type>(column.integer());
  e.units = column.figure();
  e.slices = slices_in(column.bytes());
  e.after.available = column.figure();
  e.after.reserved = column.figure();
  e.after.used = column.figure();
  e.after.debt = column.figure();
  e.usable_after = column.figure();
  e.occurred_at = column.instant();
  e.booked_at = column.instant();
  const auto key = column.optional([](columns& c) { return columns::parsed_uuid(c.text()); });
  const auto fingerprint = column.optional([](columns& c) { return columns::parsed_uuid(c.text()); });
  if (key) e.idempotency = idempotency_key{*key, fingerprint.value_or(uuid{})};
  e.writer = column.id<node_incarnation>();
  e.requested_by.kind = static_cast<principal_kind>(column.integer());
  e.application = column.text();
  e.meter = column.text();
  e.reference = column.text();
  e.requested_by.id = column.text();
  e.requested_by.application = column.text();
  e.request_id = column.text();
  e.event_id = column.text();
  e.caller_key = column.text();
  e.metadata = column.text();
  e.hash = column.hash();
  e.hold = column.optional([](columns& c) { return mark_in(c.bytes()); });
  return e;
}

snapshot_row snapshot_in(const row& from) {
  columns column(from);
  snapshot_row kept;
  kept.seq = column.integer();
  kept.head = column.hash();
  kept.now.available = column.figure();
  kept.now.reserved = column.figure();
  kept.now.used = column.figure();
  kept.now.debt = column.figure();
  return kept;
}

constexpr const char* lot_columns =
    "lot_id, root_lot_id, parent_lot_id, opened_seq, kind, priority, (extract(epoch FROM effective_at) * "
    "1000000)::bigint, (extract(epoch FROM expires_at) * 1000000)::bigint, to_json(applications), "
    "purchase_id, unit_cost_minor, currency, amount, free, held, closed";

lot_row lot_in(const row& from) {
  columns column(from);
  lot_row found;
  auto& l = found.terms;
  l.id = column.id<lot_id>();
  l.root = column.id<lot_id>();
  l.parent = column.optional([](columns& c) { return c.id<lot_id>(); });
  l.seq = static_cast<std::uint64_t>(column.integer());
  l.kind = static_cast<lot_kind>(column.integer());
  l.priority = static_cast<std::uint8_t>(column.integer());
  l.effective_at = column.instant();
  l.expires_at = column.optional([](columns& c) { return c.instant(); });
  l.applications = column.texts();
  l.purchase_id = column.text();
  l.unit_cost_minor = column.optional([](columns& c) { return c.integer(); });
  l.currency = column.text();
  l.amount = column.figure();
  l.free = column.figure();
  l.held = column.figure();
  found.closed = column.boolean();
  return found;
}

inbox_row inbox_in(const row& from) {
  columns column(from);
  inbox_row r;
  r.opens = column.optional([](columns& c) { return c.id<lot_id>(); }).value_or(lot_id{});
  r.units = column.figure();
  r.reference = column.text();
  r.absorbed_seq = column.optional([](columns& c) { return c.integer(); });
  r.refused_code = column.optional([](columns& c) { return c.text(); });
  r.is_transfer = column.boolean();
  return r;
}

/// A sub-select with the rows as a JSON array. `rest` is what follows FROM.
std::string listed(const std::string& columns_of, const std::string& rest) {
  return "(SELECT coalesce(json_agg(json_build_array(" + columns_of + ")), '[]') FROM (SELECT * FROM " +
         rest + ") AS picked)";
}

template <class Read> auto all_in(const row& listed_rows, Read read) {
  std::vector<decltype(read(listed_rows))> found;
  for (const row each : listed_rows)
    found.push_back(read(each));
  return found;
}

class reader {
public:
  reader(const postgres_cluster& cluster, std::string database)
      : cluster_(cluster), database_(std::move(database)) {}

  std::vector<std::string> accounts() const {
    simdjson::dom::parser parser;
    const auto json = query("SELECT " + listed("account_id", "entities ORDER BY account_id"));
    return all_in(parser.parse(json), [](const row& r) { return columns(r).text(); });
  }

  account_rows account(const std::string& id) const {
    account_rows rows;
    rows.account = account_id{columns::parsed_uuid(id)};
    const auto here = " WHERE account_id = '" + id + "'";
    read_figures(here, rows);
    read_entries(here, rows);
    return rows;
  }

private:
  static constexpr std::int64_t page = 5'000;

  std::string query(const std::string& sql) const { return cluster_.query(database_, sql); }

  /// One statement, so that the snapshot and its lots are of one moment; before the entries, so that it is
  /// not ahead.
  void read_figures(const std::string& here, account_rows& rows) const {
    const auto json = query(
        "SELECT json_build_array(" +
        listed(
            "seq, encode(head, 'hex'), available_credits, reserved_credits, used_credits, debt",
            "credit_balances" + here
        ) +
        ", " + listed(lot_columns, "credit_lots" + here + " ORDER BY opened_seq, position") + ", " +
        listed(
            "lot_id, credits, coalesce(nullif(reference, ''), purchase_id), absorbed_seq, refused_code, "
            "kind IN (2, 3, 5, 6)",
            "credit_inbox" + here
        ) +
        ")"
    );
    simdjson::dom::parser parser;
    const row parts = parser.parse(json);
    const auto kept = all_in(parts.at(0), snapshot_in);
    if (!kept.empty()) rows.snapshot = kept.front();
    rows.lots = all_in(parts.at(1), lot_in);
    rows.inbox = all_in(parts.at(2), inbox_in);
  }

  void read_entries(const std::string& here, account_rows& rows) const {
    const auto last = query("SELECT coalesce(max(seq), -1) FROM credit_entries" + here);
    for (std::int64_t from = 0; from <= std::stoll(last); from += page) {
      const auto range = " AND seq >= " + std::to_string(from) + " AND seq < " + std::to_string(from + page);
      const auto json =
          query("SELECT " + listed(entry_columns, "credit_entries" + here + range + " ORDER BY seq, txid"));
      simdjson::dom::parser parser;
      std::ranges::move(all_in(parser.parse(json), entry_in), std::back_inserter(rows.entries));
    }
  }

  const postgres_cluster& cluster_;
  std::string database_;
};

} // namespace

ledger_source ledger_of(const postgres_cluster& cluster, const std::string& database) {
  const reader from(cluster, database);
  const auto ids = from.accounts();
  return {ids.size(), [from, ids](std::size_t i) { return from.account(ids.at(i)); }};
}

std::int64_t waiting_in_inbox(const postgres_cluster& cluster, const std::string& database) {
  return std::stoll(cluster.query(
      database, "SELECT count(*) FROM credit_inbox WHERE absorbed_seq IS NULL AND refused_code IS NULL"
  ));
}

account_id
account_of(const postgres_cluster& cluster, const std::string& database, const std::string& entity_id) {
  const auto id =
      cluster.query(database, "SELECT account_id FROM entities WHERE entity_id = '" + entity_id + "'");
  return account_id{columns::parsed_uuid(id)};
}

} // namespace tessera::test
