#include "tests/support/log_secrets.hpp"

#include <regex>
#include <sstream>

namespace tessera::test {

namespace {

/// Lives as long as the last service, which a test may keep until the process ends.
const std::regex& forbidden() {
  static const auto& one = *new std::regex(
      "tsk_[A-Za-z0-9_-]{8}"                           // API keys
      "|tsr_[A-Za-z0-9_-]{8}"                          // refresh tokens
      "|tsi_[A-Za-z0-9_-]{8}"                          // tokens of invitations
      "|eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}\\."   // access tokens
      "|\\$argon2"                                     // hashes of passwords
      "|[Bb]earer [A-Za-z0-9]"                         // Authorization
      "|PRIVATE KEY"                                   //
      "|[A-Za-z0-9.+_-]{2,}@[A-Za-z0-9-]+\\.[a-z]{2,}" // mail addresses; `a***@b.example` is none
  );
  return one;
}

} // namespace

std::vector<std::string> secrets_in(const std::string& log, const std::vector<std::string>& more) {
  std::vector<std::string> found;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    bool bad = std::regex_search(line, forbidden());
    for (const auto& secret : more)
      bad = bad || (!secret.empty() && line.find(secret) != line.npos);
    if (bad) found.push_back(line);
  }
  return found;
}

} // namespace tessera::test
