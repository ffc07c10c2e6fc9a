#include "messages/types/time.hpp"

#include <cstdio>

namespace tessera {

std::string to_rfc3339(time_point at) {
  using namespace std::chrono;
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss clock{at - day};
  char text[48];
  int length = std::snprintf(
      text,
      sizeof text,
      "%04d-%02u-%02uT%02d:%02d:%02d",
      static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()),
      static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count())
  );
  if (const auto fraction = clock.subseconds().count(); fraction != 0)
    length += std::snprintf(
        text + length, sizeof text - static_cast<std::size_t>(length), ".%06d", static_cast<int>(fraction)
    );
  std::string result(text, static_cast<std::size_t>(length));
  return result += 'Z';
}

} // namespace tessera
