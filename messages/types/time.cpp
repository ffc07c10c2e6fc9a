#include "messages/types/time.hpp"

#include <cstdio>
#include <string_view>

namespace tessera {

namespace {

/// With zeros before it: every answer has times, and formatting by the C library costs more than all else
/// about them.
void put(std::string& into, std::size_t at, std::size_t length, std::int64_t value) {
  for (auto place = at + length; place > at; value /= 10)
    into[--place] = static_cast<char>('0' + value % 10);
}

} // namespace

std::string to_rfc3339(time_point at) {
  using namespace std::chrono;
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss clock{at - day};
  const auto year = static_cast<int>(date.year());
  std::string text = "0000-00-00T00:00:00";
  if (year < 0 || year > 9999) { // of no time that is stored
    char digits[16];
    text.replace(0, 4, digits, static_cast<std::size_t>(std::snprintf(digits, sizeof digits, "%04d", year)));
  } else {
    put(text, 0, 4, year);
  }
  const auto after_year = text.size() - std::string_view("-00-00T00:00:00").size();
  put(text, after_year + 1, 2, static_cast<unsigned>(date.month()));
  put(text, after_year + 4, 2, static_cast<unsigned>(date.day()));
  put(text, after_year + 7, 2, clock.hours().count());
  put(text, after_year + 10, 2, clock.minutes().count());
  put(text, after_year + 13, 2, clock.seconds().count());
  if (const auto fraction = clock.subseconds().count(); fraction != 0) {
    text += ".000000";
    put(text, text.size() - 6, 6, fraction);
  }
  return text += 'Z';
}

} // namespace tessera
