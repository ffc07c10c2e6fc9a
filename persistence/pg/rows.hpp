#pragma once

#include "messages/types/digest.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/time.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct pg_result;

namespace tessera::pg {

/// What a statement returned, in binary format. Columns are numbered from 0 in the order of the SELECT list.
class rows {
public:
  explicit rows(pg_result* owned);

  int size() const;
  bool empty() const { return size() == 0; }
  std::int64_t affected() const; // of INSERT, UPDATE, DELETE

  bool is_null(int row, int column) const;
  bool boolean(int row, int column) const;
  std::int16_t int2(int row, int column) const;
  std::int32_t int4(int row, int column) const;
  std::int64_t int8(int row, int column) const;
  std::string_view bytes(int row, int column) const; // text or bytea; lives as long as the rows
  std::string text(int row, int column) const { return std::string(bytes(row, column)); }
  uuid uuid_at(int row, int column) const;
  digest digest_at(int row, int column) const;
  time_point time(int row, int column) const;
  std::vector<std::string> texts(int row, int column) const;  // text[]
  std::vector<std::int64_t> int8s(int row, int column) const; // int8[] without nulls
  std::vector<uuid> uuids(int row, int column) const;         // uuid[] likewise

  template <class Id> Id id(int row, int column) const { return Id{uuid_at(row, column)}; }
  std::optional<time_point> optional_time(int row, int column) const {
    return is_null(row, column) ? std::nullopt : std::optional(time(row, column));
  }
  std::optional<uuid> optional_uuid(int row, int column) const {
    return is_null(row, column) ? std::nullopt : std::optional(uuid_at(row, column));
  }
  std::optional<std::int64_t> optional_int8(int row, int column) const {
    return is_null(row, column) ? std::nullopt : std::optional(int8(row, column));
  }

private:
  struct clear {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, clear> result_;
};

} // namespace tessera::pg
