#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tessera::http {

/// Reads a chunked body (RFC 9112 7.1) in whatever pieces it arrives, a byte at a time if need be. Stricter
/// than the RFC where parsers differ: no space around extensions, no backslash in them, no folded trailer,
/// and none that says a length, a coding or a host.
class chunk_reader {
public:
  enum class progress { need_more, done, too_large, malformed };

  /// `limit` is of the data, in bytes.
  explicit chunk_reader(std::uint64_t limit);

  /// Appends the data to `body`; `used` is how many bytes belong to the body, all of them until it is done.
  progress feed(std::string_view bytes, std::size_t& used, std::string& body);

private:
  enum class place {
    size_begin,
    size,
    extension_name,
    extension_value, // its first letter
    extension_token,
    extension_word, // a value without quotes
    extension_quoted,
    extension_end, // behind the quotes
    size_lf,
    data,
    data_cr,
    data_lf,
    line_begin, // of a trailer, or the empty line
    trailer_name,
    trailer_value,
    trailer_lf,
    last_lf,
    done,
  };

  progress take(char c);
  progress take_size(char c);
  progress take_extension(char c);
  progress take_trailer(char c);
  progress end_of_size();
  progress go(place next) { return at_ = next, progress::need_more; }

  place at_ = place::size_begin;
  std::uint64_t size_ = 0;   // of the chunk; what is still to come of it
  std::uint64_t left_;       // of data
  std::uint64_t bytes_left_; // of everything
  std::string name_;         // of the trailer
};

} // namespace tessera::http
