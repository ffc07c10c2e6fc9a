#pragma once

#include "http/routing/problem.hpp"

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tessera::http::json {

/// Reads a request's body, which is not believed, into a command. Whatever is wrong is remembered and a
/// harmless value is handed out in its place, so that a route reads straight down and all errors are told at
/// once:
///
///   json::reader body{request.body};
///   auto root = body.object();
///   const auto from = root.string("fromEntityId", {.most = 64, .accepts = is_id});
///   const auto note = root.optional_string("note", {.most = 500});
///   for (auto leg : root.array("allocations", {.most = 100})) {
///     auto fields = leg.object();
///     legs.push_back({fields.string("toEntityId"), fields.integer("credits", amount_rules)});
///   }
///   if (auto wrong = body.refusal()) return respond(to_response(*wrong, request));
///
/// Status 400 (`invalid_json`, `invalid_type`) wins over 422. A field nobody asked for is 422
/// `unknown_field`. When all errors share one code that is not generic, it is the problem's code, else the
/// code is `validation_failed`. Text is a view into the body and lives as long as the reader. null is a wrong
/// type everywhere, see `is_null`.

struct string_rules {
  std::size_t least = 1; // code points
  std::size_t most = 255;
  bool (*accepts)(std::string_view) = nullptr;
  std::string_view code = "invalid_format"; // when `accepts` says no
  std::string_view expected = "Has not the expected form.";
};

struct integer_rules {
  std::int64_t least = 0;
  std::int64_t most = 9'007'199'254'740'991; // 2^53 - 1, what JavaScript counts exactly
  std::string_view code = "out_of_range";
};

struct array_rules {
  std::size_t least = 0;
  std::size_t most = 1'000;
  std::string_view code = "too_many_items";
};

struct time_rules {
  bool with_offset = false; // `+02:00` may stand in place of the Z
};

struct raw_rules {
  bool must_be_object = true;
  std::size_t most_bytes = 4'096; // of the minified text
  std::string_view code = "too_large";
};

struct reader_state;
class array;
class object;

/// One value and where it stands. The value of a required field that is missing reads like any other.
class value {
public:
  value(reader_state* state, std::uint32_t entry) : state_(state), entry_(entry) {}

  std::string_view string(const string_rules& rules = {}) const;
  /// JSON integers only: `10.0`, `1e3` and `"10"` are a wrong type.
  std::int64_t integer(const integer_rules& rules = {}) const;
  bool boolean() const;
  /// RFC 3339, as microseconds since 1970.
  std::int64_t time(const time_rules& rules = {}) const;
  /// The position of the string in `allowed`, 0 when it is none of them (`invalid_value`).
  std::size_t choice(std::initializer_list<std::string_view> allowed) const;
  /// The minified text of the value: what is stored and hashed.
  std::string raw(const raw_rules& rules = {}) const;
  json::object object() const;
  json::array array(const array_rules& rules = {}) const;

  bool is_null() const;
  bool is_number() const;
  bool is_string() const;
  bool is_object() const;
  bool is_array() const;

  /// Remembers a 422 of the caller's own rule about this value.
  void reject(std::string_view code, std::string detail) const;
  std::string pointer() const;

private:
  friend class object;
  reader_state* state_;
  std::uint32_t entry_;
};

class object {
public:
  object(reader_state* state, std::uint32_t container) : state_(state), container_(container) {}

  /// The field; a missing one is an error of its own (`required`).
  value need(std::string_view name);
  /// The field if it is there.
  std::optional<value> find(std::string_view name);
  bool has(std::string_view name) const;
  /// True when the field is there and null, which then counts as read.
  bool is_null(std::string_view name);
  /// Fields that were not read yet, one by one; each counts as read.
  std::optional<std::pair<std::string_view, value>> next_unread();
  /// Lets fields pass that nobody reads, for bodies whose shape is somebody else's.
  void ignore_unread();
  /// Remembers a 422 about a field of this object, there or not.
  void reject(std::string_view name, std::string_view code, std::string detail);

  std::string_view string(std::string_view name, const string_rules& rules = {});
  std::int64_t integer(std::string_view name, const integer_rules& rules = {});
  bool boolean(std::string_view name);
  std::size_t choice(std::string_view name, std::initializer_list<std::string_view> allowed);
  json::object object_at(std::string_view name);
  json::array array(std::string_view name, const array_rules& rules = {});

  std::optional<std::string_view> optional_string(std::string_view name, const string_rules& rules = {});
  std::optional<std::int64_t> optional_integer(std::string_view name, const integer_rules& rules = {});
  std::optional<bool> optional_boolean(std::string_view name);
  std::optional<std::int64_t> optional_time(std::string_view name, const time_rules& rules = {});
  std::optional<std::size_t>
  optional_choice(std::string_view name, std::initializer_list<std::string_view> allowed);
  std::optional<std::string> optional_raw(std::string_view name, const raw_rules& rules = {});
  /// A number of the outermost object as it was sent, digit for digit: `225.50`. No sign, no exponent.
  std::optional<std::string> optional_decimal(std::string_view name);
  std::optional<json::object> optional_object(std::string_view name);
  std::optional<json::array> optional_array(std::string_view name, const array_rules& rules = {});

private:
  reader_state* state_;
  std::uint32_t container_;
};

/// The items of an array; empty when it was none.
class array {
public:
  class iterator {
  public:
    iterator(reader_state* state, std::uint32_t entry) : state_(state), entry_(entry) {}
    value operator*() const { return {state_, entry_}; }
    iterator& operator++() { return ++entry_, *this; }
    bool operator!=(const iterator& other) const { return entry_ != other.entry_; }

  private:
    reader_state* state_;
    std::uint32_t entry_;
  };

  array(reader_state* state, std::uint32_t first, std::uint32_t end)
      : state_(state), first_(first), end_(end) {}

  std::size_t size() const { return end_ - first_; }
  bool empty() const { return first_ == end_; }
  value operator[](std::size_t index) const { return {state_, first_ + static_cast<std::uint32_t>(index)}; }
  iterator begin() const { return {state_, first_}; }
  iterator end() const { return {state_, end_}; }

private:
  reader_state* state_;
  std::uint32_t first_;
  std::uint32_t end_;
};

/// Parses at construction. One at a time per thread borrows the thread's parser; nested ones and those of
/// bodies above 256 KiB bring their own, which dies with them.
class reader {
public:
  explicit reader(std::string_view body);
  ~reader();
  reader(const reader&) = delete;
  reader& operator=(const reader&) = delete;

  value root() const;
  json::object object() const { return root().object(); }
  json::array array(const array_rules& rules = {}) const { return root().array(rules); }
  /// Whether it was JSON at all: a route may stop early then.
  bool parsed() const;

  /// Everything that is wrong, or nothing. Call it after the last field was read.
  std::optional<problem> refusal();

private:
  std::unique_ptr<reader_state> own_;
  reader_state* state_;
};

} // namespace tessera::http::json
