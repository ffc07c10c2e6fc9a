#include "tools/bench/load/floor.hpp"

#include <libpq-fe.h>

#include <array>
#include <bit>
#include <cstring>
#include <memory>
#include <random>
#include <stdexcept>
#include <vector>

namespace tessera::bench {

namespace {

using clock = std::chrono::steady_clock;

constexpr int uuid_oid = 2950;
constexpr int bigint_oid = 20;

struct close_connection {
  void operator()(PGconn* it) const { PQfinish(it); }
};
struct clear_result {
  void operator()(PGresult* it) const { PQclear(it); }
};
using session = std::unique_ptr<PGconn, close_connection>;
using answer = std::unique_ptr<PGresult, clear_result>;

/// A one-dimensional array in PostgreSQL's binary form, whose elements are overwritten for each statement.
class binary_array {
public:
  binary_array(int element_oid, std::size_t count, std::size_t element_size) : size_(element_size) {
    for (const std::int32_t word : {1, 0, element_oid, static_cast<int>(count), 1})
      put(word);
    for (std::size_t n = 0; n < count; ++n) {
      put(static_cast<std::int32_t>(element_size));
      bytes_.resize(bytes_.size() + element_size);
    }
  }

  char* element(std::size_t n) { return bytes_.data() + 5 * 4 + n * (4 + size_) + 4; }
  const char* data() const { return bytes_.data(); }
  int size() const { return static_cast<int>(bytes_.size()); }

private:
  void put(std::int32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8)
      bytes_.push_back(static_cast<char>(static_cast<std::uint32_t>(value) >> shift));
  }

  std::size_t size_;
  std::vector<char> bytes_;
};

void check(PGconn* database, const answer& got, ExecStatusType expected) {
  if (PQresultStatus(got.get()) != expected) throw std::runtime_error(PQerrorMessage(database));
}

session open(const std::string& url) {
  session made(PQconnectdb(url.c_str()));
  if (PQstatus(made.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(made.get()));
  check(made.get(), answer(PQexec(made.get(), "TRUNCATE floor_events")), PGRES_COMMAND_OK);
  const char* insert = "INSERT INTO floor_events (tenant_id, account_id, units, idempotency_key)"
                       " SELECT '00000000-0000-7000-8000-000000000001'::uuid, * FROM unnest($1::uuid[], "
                       "$2::bigint[], $3::uuid[])";
  check(made.get(), answer(PQprepare(made.get(), "floor", insert, 0, nullptr)), PGRES_COMMAND_OK);
  return made;
}

class inserter {
public:
  explicit inserter(const floor_options& options)
      : rows_(options.rows), database_(open(options.database)), accounts_(uuid_oid, rows_, 16),
        units_(bigint_oid, rows_, 8), keys_(uuid_oid, rows_, 16) {
    for (std::size_t n = 0; n < rows_; ++n)
      units_.element(n)[7] = 1;
  }

  void insert() {
    for (std::size_t n = 0; n < rows_; ++n) {
      fill(keys_.element(n), random_());
      fill(accounts_.element(n), random_() % 10'000);
    }
    const std::array<const char*, 3> values{accounts_.data(), units_.data(), keys_.data()};
    const std::array<int, 3> lengths{accounts_.size(), units_.size(), keys_.size()};
    constexpr std::array<int, 3> binary{1, 1, 1};
    auto* const to = database_.get();
    check(
        to,
        answer(PQexecPrepared(to, "floor", 3, values.data(), lengths.data(), binary.data(), 0)),
        PGRES_COMMAND_OK
    );
  }

private:
  void fill(char* id, std::uint64_t value) {
    std::memcpy(id, &value, 8);
    std::memcpy(id + 8, &value, 8);
  }

  std::size_t rows_;
  session database_;
  binary_array accounts_;
  binary_array units_;
  binary_array keys_;
  std::mt19937_64 random_{std::random_device{}()};
};

} // namespace

load_result insert_floor(const floor_options& options) {
  inserter into(options);
  load_result result;
  result.mode = "floor";
  result.connections = 1;
  result.batch = options.rows;
  const auto insert_until = [&](clock::time_point end, histogram* durations) {
    for (auto before = clock::now(); before < end; ++result.total_accepted) {
      into.insert();
      const auto after = clock::now();
      if (durations != nullptr) durations->record(after - before);
      before = after;
    }
  };
  insert_until(clock::now() + options.warm_up, nullptr);
  const auto before = measure(options.who);
  const auto begin = clock::now();
  insert_until(begin + options.measured, &result.accepted);
  result.window = clock::now() - begin;
  result.used = measure(options.who) - before;
  result.answered_while_used = result.accepted.count() * options.rows;
  return result;
}

} // namespace tessera::bench
