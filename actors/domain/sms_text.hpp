#pragma once

#include "messages/notifications.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// SMS as networks carry them (3GPP TS 23.038 and 23.040; R-I 4.5).
namespace tessera {

/// The longest that we send.
inline constexpr int most_sms_segments = 3;

struct sms_size {
  bool is_gsm = true;    // of the default alphabet; else UCS-2, which costs more than twice as much
  std::size_t units = 0; // septets, or 16-bit units
  int segments = 0;      // messages that it is carried and paid as
};
/// Of UTF-8. A letter of two units is never split between two segments.
sms_size size_of_sms(std::string_view text);

/// Writes the wording with these values so that it is no more than so many segments: where it would be more,
/// what stands in it is cut shorter, all alike, but addresses never. Nothing: even then it is more.
std::optional<std::string>
render_sms(std::string_view wording, const template_variables& values, int most = most_sms_segments);

} // namespace tessera
