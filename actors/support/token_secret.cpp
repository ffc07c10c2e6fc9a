#include "actors/support/token_secret.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>

namespace tessera {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& path, const std::string& why) {
  throw std::runtime_error("the secret of tokens in " + path + ": " + why);
}

std::string base64url(const digest& bytes) {
  std::array<unsigned char, 48> text{};
  const auto size = EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(bytes.size()));
  std::string encoded(text.begin(), text.begin() + size);
  std::replace(encoded.begin(), encoded.end(), '+', '-');
  std::replace(encoded.begin(), encoded.end(), '/', '_');
  encoded.erase(encoded.find_last_not_of('=') + 1);
  return encoded;
}

std::string new_secret() {
  digest random{};
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1)
    throw std::runtime_error("no secret of tokens could be made");
  return base64url(random);
}

/// Two nodes may begin at once: the file of one of them counts, for both.
void make_file(const std::string& path) {
  std::error_code ignored;
  fs::create_directories(fs::path(path).parent_path(), ignored);
  const auto beside = path + ".new-" + std::to_string(::getpid());
  const auto text = new_secret() + "\n";
  const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) fail(path, std::strerror(errno));
  const bool written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
  ::close(file);
  const bool made = written && (::link(beside.c_str(), path.c_str()) == 0 || errno == EEXIST);
  const auto why = errno;
  ::unlink(beside.c_str());
  if (!made) fail(path, std::strerror(why));
}

/// Its length goes before a part, so that nothing can move from one into the next.
void add(std::string& message, std::string_view part) {
  message += std::to_string(part.size());
  message += ':';
  message += part;
}

} // namespace

token_secret token_secret::in_file(const std::string& path) {
  if (!fs::exists(path)) make_file(path);
  std::ifstream in(path, std::ios::binary);
  if (!in) fail(path, std::strerror(errno));
  std::string text{std::istreambuf_iterator<char>(in), {}};
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
    text.pop_back();
  if (text.size() < least_length)
    fail(path, "it must have " + std::to_string(least_length) + " characters or more");
  return token_secret(std::move(text));
}

digest token_secret::derive(std::string_view purpose, std::string_view id, std::int64_t generation) const {
  std::string message;
  add(message, purpose);
  add(message, id);
  add(message, std::to_string(generation));
  digest made{};
  unsigned size = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());
  if (!HMAC(
          EVP_sha256(),
          text_.data(),
          static_cast<int>(text_.size()),
          bytes,
          message.size(),
          made.data(),
          &size
      ) ||
      size != made.size())
    throw std::runtime_error("a token could not be derived");
  return made;
}

std::string token_secret::token(
    std::string_view prefix, std::string_view purpose, std::string_view id, std::int64_t generation
) const {
  return std::string(prefix) + base64url(derive(purpose, id, generation));
}

} // namespace tessera
