#include "persistence/pg/parameters.hpp"

#include "persistence/pg/binary.hpp"

namespace tessera::pg {

namespace {

// The array type of each element type (pg_type.dat).
std::uint32_t array_type(parameters::type element) {
  switch (element) {
  case parameters::type::boolean: return 1000;
  case parameters::type::bytea: return 1001;
  case parameters::type::int2: return 1005;
  case parameters::type::int4: return 1007;
  case parameters::type::text: return 1009;
  case parameters::type::int8: return 1016;
  case parameters::type::timestamptz: return 1185;
  case parameters::type::uuid: return 2951;
  }
  return 0;
}

std::string_view bytes_of(const uuid& value) {
  return {reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size()};
}
std::string_view bytes_of(const digest& value) {
  return {reinterpret_cast<const char*>(value.data()), value.size()};
}

} // namespace

std::string& parameters::next(std::uint32_t of) {
  return values_.emplace_back(bound{of, {}, false}).bytes;
}

parameters& parameters::add(bool v) {
  next(16) += static_cast<char>(v);
  return *this;
}
parameters& parameters::add(std::int16_t v) {
  append_big_endian(next(21), v);
  return *this;
}
parameters& parameters::add(std::int32_t v) {
  append_big_endian(next(23), v);
  return *this;
}
parameters& parameters::add(std::int64_t v) {
  append_big_endian(next(20), v);
  return *this;
}
parameters& parameters::add(std::string_view v) {
  next(25) = v;
  return *this;
}
parameters& parameters::add(const uuid& v) {
  next(2950) = bytes_of(v);
  return *this;
}
parameters& parameters::add(const digest& v) {
  next(17) = bytes_of(v);
  return *this;
}
parameters& parameters::add(time_point v) {
  append_big_endian(next(1184), to_pg_microseconds(v));
  return *this;
}
parameters& parameters::add_bytes(std::string_view v) {
  next(17) = v;
  return *this;
}
parameters& parameters::add_null(type of) {
  values_.push_back(bound{static_cast<std::uint32_t>(of), {}, true});
  return *this;
}

parameters::array parameters::add_array(type element, std::size_t count) {
  auto& out = next(array_type(element));
  out.reserve(20 + count * 24);
  append_big_endian(out, std::int32_t{count == 0 ? 0 : 1}); // dimensions
  append_big_endian(out, std::int32_t{1});                  // may hold nulls
  append_big_endian(out, static_cast<std::int32_t>(element));
  if (count > 0) {
    append_big_endian(out, static_cast<std::int32_t>(count));
    append_big_endian(out, std::int32_t{1}); // lower bound
  }
  return array(out);
}

void parameters::array::header(std::int32_t length) {
  append_big_endian(out_, length);
}
void parameters::array::element(bool v) {
  header(1);
  out_ += static_cast<char>(v);
}
void parameters::array::element(std::int16_t v) {
  header(2);
  append_big_endian(out_, v);
}
void parameters::array::element(std::int64_t v) {
  header(8);
  append_big_endian(out_, v);
}
void parameters::array::element(std::string_view v) {
  element_bytes(v);
}
void parameters::array::element(const uuid& v) {
  element_bytes(bytes_of(v));
}
void parameters::array::element(const digest& v) {
  element_bytes(bytes_of(v));
}
void parameters::array::element(time_point v) {
  element(to_pg_microseconds(v));
}
void parameters::array::element_bytes(std::string_view v) {
  header(static_cast<std::int32_t>(v.size()));
  out_ += v;
}
void parameters::array::null() {
  header(-1);
}

std::vector<std::uint32_t> parameters::types() const {
  std::vector<std::uint32_t> all;
  for (const auto& v : values_)
    all.push_back(v.type);
  return all;
}
std::vector<const char*> parameters::pointers() const {
  std::vector<const char*> all;
  for (const auto& v : values_)
    all.push_back(v.is_null ? nullptr : v.bytes.data());
  return all;
}
std::vector<int> parameters::lengths() const {
  std::vector<int> all;
  for (const auto& v : values_)
    all.push_back(static_cast<int>(v.bytes.size()));
  return all;
}

} // namespace tessera::pg
