#include "http/json/timestamp.hpp"

#include "http/routing/characters.hpp"

#include <chrono>

namespace tessera::http::json {

namespace {

constexpr std::int64_t us_per_second = 1'000'000;
constexpr std::int64_t us_per_day = 86'400 * us_per_second;
constexpr std::int64_t first_us = -719'162 * us_per_day; // 0001-01-01
constexpr std::int64_t end_us = 2'932'897 * us_per_day;  // 10000-01-01

/// The number of exactly `width` digits at the front, which is taken off; -1 when there is none.
int take_digits(std::string_view& text, std::size_t width) {
  if (text.size() < width) return -1;
  int number = 0;
  for (const char c : text.substr(0, width)) {
    if (!is_digit(c)) return -1;
    number = number * 10 + (c - '0');
  }
  text.remove_prefix(width);
  return number;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::int32_t> take_date(std::string_view& text) {
  const int year = take_digits(text, 4);
  if (year < 1 || !take(text, '-')) return std::nullopt;
  const int month = take_digits(text, 2);
  if (month < 1 || !take(text, '-')) return std::nullopt;
  const int day = take_digits(text, 2);
  if (day < 1) return std::nullopt;
  const std::chrono::year_month_day date{
      std::chrono::year{year},
      std::chrono::month{static_cast<unsigned>(month)},
      std::chrono::day{static_cast<unsigned>(day)},
  };
  if (!date.ok()) return std::nullopt;
  return static_cast<std::int32_t>(std::chrono::sys_days{date}.time_since_epoch().count());
}

/// Microseconds of `.f…`, 0 when there is no point.
std::optional<std::int64_t> take_fraction(std::string_view& text) {
  if (!take(text, '.')) return 0;
  std::int64_t fraction = 0;
  std::size_t digits = 0;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1))
    if (++digits <= 6) fraction = fraction * 10 + (text.front() - '0');
  if (digits < 1 || digits > 9) return std::nullopt;
  for (; digits < 6; ++digits)
    fraction *= 10;
  return fraction;
}

/// Microseconds since midnight of `hh:mm:ss[.f]`.
std::optional<std::int64_t> take_time(std::string_view& text) {
  const int hour = take_digits(text, 2);
  if (hour < 0 || hour > 23 || !take(text, ':')) return std::nullopt;
  const int minute = take_digits(text, 2);
  if (minute < 0 || minute > 59 || !take(text, ':')) return std::nullopt;
  const int second = take_digits(text, 2);
  if (second < 0 || second > 59) return std::nullopt;
  const auto fraction = take_fraction(text);
  if (!fraction) return std::nullopt;
  return ((hour * 60 + minute) * 60 + second) * us_per_second + *fraction;
}

/// Microseconds to take off for `Z` or `±hh:mm`.
std::optional<std::int64_t> take_offset(std::string_view& text) {
  if (take(text, 'Z')) return 0;
  const bool east = take(text, '+');
  if (!east && !take(text, '-')) return std::nullopt;
  const int hour = take_digits(text, 2);
  if (hour < 0 || hour > 23 || !take(text, ':')) return std::nullopt;
  const int minute = take_digits(text, 2);
  if (minute < 0 || minute > 59) return std::nullopt;
  return (hour * 60 + minute) * 60 * us_per_second * (east ? 1 : -1);
}

void append_digits(std::string& out, std::int64_t number, int width) {
  std::int64_t scale = 1;
  for (int place = 1; place < width; ++place)
    scale *= 10;
  for (; scale > 0; scale /= 10)
    out += static_cast<char>('0' + number / scale % 10);
}

} // namespace

std::optional<std::int64_t> parse_timestamp_with_offset(std::string_view text) {
  const auto days = take_date(text);
  if (!days || !take(text, 'T')) return std::nullopt;
  const auto time = take_time(text);
  if (!time) return std::nullopt;
  const auto offset = take_offset(text);
  if (!offset || !text.empty()) return std::nullopt;
  const auto us = *days * us_per_day + *time - *offset;
  if (us < first_us || us >= end_us) return std::nullopt; // the offset has led out of the years
  return us;
}

std::optional<std::int64_t> parse_timestamp(std::string_view text) {
  return text.ends_with('Z') ? parse_timestamp_with_offset(text) : std::nullopt;
}

std::optional<std::int32_t> parse_date(std::string_view text) {
  const auto days = take_date(text);
  return text.empty() ? days : std::nullopt;
}

void append_timestamp(std::string& out, std::int64_t us) {
  using namespace std::chrono;
  const sys_time<microseconds> instant{microseconds{us}};
  const auto day = floor<days>(instant);
  const year_month_day date{day};
  const auto time = (instant - day).count();
  append_digits(out, static_cast<int>(date.year()), 4);
  append_digits(out += '-', static_cast<unsigned>(date.month()), 2);
  append_digits(out += '-', static_cast<unsigned>(date.day()), 2);
  append_digits(out += 'T', time / (3600 * us_per_second), 2);
  append_digits(out += ':', time / (60 * us_per_second) % 60, 2);
  append_digits(out += ':', time / us_per_second % 60, 2);
  const auto fraction = time % us_per_second;
  out += '.';
  fraction % 1000 == 0 ? append_digits(out, fraction / 1000, 3) : append_digits(out, fraction, 6);
  out += 'Z';
}

} // namespace tessera::http::json
