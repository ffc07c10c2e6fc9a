#pragma once

#include "tests/support/process.hpp"

#include <cctype>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace tessera::test {

/// A mail whose parts are quoted-printable as people read it: without breaks of long lines, and every `=XX`
/// as its byte.
inline std::string unquoted(const std::string& mail) {
  std::string out;
  for (std::size_t i = 0; i < mail.size(); ++i) {
    if (mail[i] != '=') {
      out += mail[i];
    } else if (mail.compare(i, 3, "=\r\n") == 0) {
      i += 2;
    } else if (i + 2 < mail.size() && std::isxdigit(static_cast<unsigned char>(mail[i + 1])) && std::isxdigit(static_cast<unsigned char>(mail[i + 2]))) {
      out += static_cast<char>(std::stoi(mail.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      out += mail[i];
    }
  }
  return out;
}

/// The mails of a spool, as they are at this moment.
class mailbox {
public:
  explicit mailbox(const std::string& directory) {
    std::error_code none;
    for (const auto& file : std::filesystem::directory_iterator(directory, none))
      if (file.path().extension() == ".eml") mails_.push_back(read_file(file.path().string()));
  }

  std::size_t size() const { return mails_.size(); }
  /// The only mail to that address in which the text stands. Throws std::runtime_error unless there is
  /// exactly one.
  std::string only_to(const std::string& address, const std::string& text = {}) const {
    std::vector<std::string> found;
    for (const auto& mail : mails_)
      if (mail.find("\r\nTo: " + address + "\r\n") != mail.npos && mail.find(text) != mail.npos)
        found.push_back(mail);
    if (found.size() != 1)
      throw std::runtime_error(std::to_string(found.size()) + " mails to " + address + " with " + text);
    return found.front();
  }

private:
  std::vector<std::string> mails_;
};

} // namespace tessera::test
