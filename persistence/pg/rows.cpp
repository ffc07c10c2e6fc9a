#include "persistence/pg/rows.hpp"

#include "persistence/pg/binary.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <cstdlib>

namespace tessera::pg {

rows::rows(pg_result* owned) : result_(owned) {}
void rows::clear::operator()(pg_result* result) const {
  PQclear(result);
}

int rows::size() const {
  return PQntuples(result_.get());
}
std::int64_t rows::affected() const {
  return std::atoll(PQcmdTuples(result_.get()));
}

bool rows::is_null(int row, int column) const {
  return PQgetisnull(result_.get(), row, column) != 0;
}
bool rows::boolean(int row, int column) const {
  return *PQgetvalue(result_.get(), row, column) != 0;
}
std::int16_t rows::int2(int row, int column) const {
  return read_big_endian<std::int16_t>(PQgetvalue(result_.get(), row, column));
}
std::int32_t rows::int4(int row, int column) const {
  return read_big_endian<std::int32_t>(PQgetvalue(result_.get(), row, column));
}
std::int64_t rows::int8(int row, int column) const {
  return read_big_endian<std::int64_t>(PQgetvalue(result_.get(), row, column));
}

std::string_view rows::bytes(int row, int column) const {
  return {
      PQgetvalue(result_.get(), row, column),
      static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

uuid rows::uuid_at(int row, int column) const {
  uuid value;
  std::copy_n(PQgetvalue(result_.get(), row, column), value.bytes.size(), value.bytes.begin());
  return value;
}

digest rows::digest_at(int row, int column) const {
  digest value;
  std::copy_n(PQgetvalue(result_.get(), row, column), value.size(), value.begin());
  return value;
}

time_point rows::time(int row, int column) const {
  return from_pg_microseconds(int8(row, column));
}

std::vector<std::string> rows::texts(int row, int column) const {
  const char* at = PQgetvalue(result_.get(), row, column);
  std::vector<std::string> all;
  if (read_big_endian<std::int32_t>(at) == 0) // dimensions
    return all;
  const auto count = read_big_endian<std::int32_t>(at + 12);
  at += 20;
  for (std::int32_t i = 0; i < count; ++i) {
    const auto length = read_big_endian<std::int32_t>(at);
    all.emplace_back(at + 4, static_cast<std::size_t>(std::max(length, 0)));
    at += 4 + std::max(length, 0);
  }
  return all;
}

namespace {

/// The elements of an array behind its header: their length, and they.
template <class Read> auto elements(std::string_view array, std::size_t size, Read read) {
  std::vector<decltype(read(array.data()))> all;
  for (std::size_t at = 20; at + 4 + size <= array.size(); at += 4 + size)
    all.push_back(read(array.data() + at + 4));
  return all;
}

} // namespace

std::vector<std::int64_t> rows::int8s(int row, int column) const {
  return elements(bytes(row, column), 8, [](const char* at) { return read_big_endian<std::int64_t>(at); });
}

std::vector<uuid> rows::uuids(int row, int column) const {
  return elements(bytes(row, column), 16, [](const char* at) {
    uuid value;
    std::copy_n(at, value.bytes.size(), value.bytes.begin());
    return value;
  });
}

} // namespace tessera::pg
