#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace tessera::http::json {

/// Appends one JSON value to a string, commas included. It checks nothing: whoever calls it keeps the order
/// of keys, values, begins and ends. Text must be UTF-8.
class writer {
public:
  explicit writer(std::string& out) : out_(out), start_(out.size()) {}

  writer& begin_object() { return open('{'); }
  writer& end_object() { return close('}'); }
  writer& begin_array() { return open('['); }
  writer& end_array() { return close(']'); }

  writer& key(std::string_view name);
  writer& string(std::string_view text);
  writer& integer(std::int64_t number);
  writer& integer(std::uint64_t number);
  writer& boolean(bool truth);
  writer& null();
  writer& raw(std::string_view json);     // a value that is JSON already
  writer& members(std::string_view json); // `"a":1,"b":2` into the open object
  writer& time(std::int64_t us);          // RFC 3339, see append_timestamp

  /// A string in pieces: begin_string().more("a").more("b").end_string().
  writer& begin_string();
  writer& more(std::string_view text);
  writer& end_string() { return out_ += '"', *this; }

  writer& value(std::string_view text) { return string(text); }
  writer& value(const char* text) { return string(text); }
  writer& value(bool truth) { return boolean(truth); }
  template <std::signed_integral Number> writer& value(Number number) {
    return integer(std::int64_t{number});
  }
  template <std::unsigned_integral Number> writer& value(Number number) {
    return integer(std::uint64_t{number});
  }
  template <class Value> writer& field(std::string_view name, const Value& content) {
    return key(name).value(content);
  }

private:
  void separate();
  writer& open(char bracket) { return separate(), out_ += bracket, *this; }
  writer& close(char bracket) { return out_ += bracket, *this; }

  std::string& out_;
  std::size_t start_;
};

} // namespace tessera::http::json
