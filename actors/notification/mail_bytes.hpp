#pragma once

#include "messages/notifications.hpp"

#include <string>
#include <string_view>

namespace tessera {

/// A mail as it travels (RFC 5322, 2045 to 2047): multipart/alternative, text first, UTF-8, no line above 76
/// characters unless the text itself is plain; CRLF. What looks like another header in a name or a subject
/// stays text. The same mail has the same bytes.
std::string mail_bytes(const mail& message);

/// `Message-ID` without its brackets.
std::string message_id_of(const mail& message);

/// A header's text: as it is where it is plain, else as encoded words.
std::string encoded_words(std::string_view text);

} // namespace tessera
