#pragma once

#include "messages/types/digest.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/time.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace tessera::pg {

/// The values of one statement, in PostgreSQL's binary format. `add` in the order of $1, $2, ….
class parameters {
public:
  parameters& add(bool value);
  parameters& add(std::int16_t value);
  parameters& add(std::int32_t value);
  parameters& add(std::int64_t value);
  parameters& add(std::string_view value); // text
  parameters& add(const char* value) { return add(std::string_view(value)); }
  parameters& add(const std::string& value) { return add(std::string_view(value)); }
  parameters& add(const uuid& value);
  parameters& add(const digest& value); // bytea
  parameters& add(time_point value);
  parameters& add_bytes(std::string_view value); // bytea
  template <class Tag> parameters& add(const strong_id<Tag, uuid>& id) { return add(id.value); }
  template <class T> parameters& add(const std::optional<T>& value) {
    return value ? add(*value) : add_null(type_of<T>());
  }

  /// Starts an array of `count` elements, which follow by `element`. All of one type, in one array.
  class array {
  public:
    void element(bool value);
    void element(std::int16_t value);
    void element(std::int64_t value);
    void element(std::string_view value);
    void element(const uuid& value);
    void element(const digest& value);
    void element(time_point value);
    void element_bytes(std::string_view value);
    void null();
    template <class T> void element(const std::optional<T>& value) { value ? element(*value) : null(); }
    template <class Tag> void element(const strong_id<Tag, uuid>& id) { element(id.value); }

  private:
    friend class parameters;
    explicit array(std::string& out) : out_(out) {}
    void header(std::int32_t length);
    std::string& out_;
  };

  enum class type : std::uint32_t {
    boolean = 16,
    bytea = 17,
    int8 = 20,
    int2 = 21,
    int4 = 23,
    text = 25,
    timestamptz = 1184,
    uuid = 2950
  };
  array add_array(type element, std::size_t count);
  parameters& add_null(type of);

  /// Fills one array from a range: `project(item)` gives each element.
  template <class Range, class Projection>
  parameters& add_array(type element, const Range& range, Projection project) {
    auto out = add_array(element, std::size(range));
    for (const auto& item : range)
      out.element(project(item));
    return *this;
  }

  std::size_t size() const { return values_.size(); }
  std::vector<std::uint32_t> types() const;
  std::vector<const char*> pointers() const;
  std::vector<int> lengths() const;

private:
  struct bound {
    std::uint32_t type;
    std::string bytes;
    bool is_null = false;
  };
  template <class T> static constexpr type type_of();
  template <class T> static constexpr bool is_uuid = std::is_same_v<T, uuid>;
  std::string& next(std::uint32_t of);
  std::vector<bound> values_;
};

template <class Tag> inline constexpr bool parameters::is_uuid<strong_id<Tag, uuid>> = true;

template <class T> constexpr parameters::type parameters::type_of() {
  if constexpr (std::is_same_v<T, bool>)
    return type::boolean;
  else if constexpr (std::is_same_v<T, std::int64_t>)
    return type::int8;
  else if constexpr (std::is_same_v<T, std::int32_t>)
    return type::int4;
  else if constexpr (std::is_same_v<T, std::int16_t>)
    return type::int2;
  else if constexpr (std::is_same_v<T, time_point>)
    return type::timestamptz;
  else if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, std::string_view>)
    return type::text;
  else if constexpr (std::is_same_v<T, digest>)
    return type::bytea;
  else {
    static_assert(is_uuid<T>, "a null of this type has no name yet");
    return type::uuid;
  }
}

} // namespace tessera::pg
