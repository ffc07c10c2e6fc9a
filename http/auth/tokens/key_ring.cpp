#include "http/auth/tokens/key_ring.hpp"

#include <spdlog/spdlog.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>

namespace tessera::http {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_with_keys(const std::string& path, const std::string& why) {
  throw std::runtime_error("the signing keys in " + path + ": " + why);
}

signing_keys read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) fail_with_keys(path, std::strerror(errno));
  const std::string pem{std::istreambuf_iterator<char>(in), {}};
  try {
    return read_signing_keys(pem);
  } catch (const std::runtime_error& why) {
    fail_with_keys(path, why.what());
  }
}

/// A new file beside the path, complete, for its owner alone.
std::string write_beside(const std::string& path, const signing_keys& keys) {
  const auto beside = path + ".new-" + std::to_string(::getpid());
  std::string pem;
  for (const auto& key : keys)
    pem += key.pem();
  const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) fail_with_keys(path, std::strerror(errno));
  const bool written = ::write(file, pem.data(), pem.size()) == static_cast<ssize_t>(pem.size()) &&
                       ::fchmod(file, S_IRUSR | S_IWUSR) == 0 && ::fsync(file) == 0;
  ::close(file);
  if (!written) fail_with_keys(path, "it can't be written");
  return beside;
}

/// Two nodes may begin at once: the file of one of them counts, for both.
void make_file(const std::string& path) {
  std::error_code ignored;
  fs::create_directories(fs::path(path).parent_path(), ignored);
  const auto beside = write_beside(path, {signing_key::make()});
  const bool made = ::link(beside.c_str(), path.c_str()) == 0 || errno == EEXIST;
  const auto why = errno;
  ::unlink(beside.c_str());
  if (!made) fail_with_keys(path, std::strerror(why));
}

void warn_of_readers(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) == 0 && (found.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    spdlog::warn("auth: others than its owner may use the signing keys in {}", path);
}

} // namespace

void write_signing_keys(const std::string& path, const signing_keys& keys) {
  const auto beside = write_beside(path, keys);
  if (::rename(beside.c_str(), path.c_str()) != 0) fail_with_keys(path, std::strerror(errno));
}

signing_keys rotate_signing_keys(const std::string& path) {
  auto keys = read_file(path);
  keys.insert(keys.begin(), signing_key::make());
  keys.erase(keys.begin() + static_cast<std::ptrdiff_t>(most_signing_keys), keys.end());
  write_signing_keys(path, keys);
  return keys;
}

key_ring::key_ring(std::string path) : path_(std::move(path)) {
  if (!fs::exists(path_)) make_file(path_);
  warn_of_readers(path_);
  changed_at_ = fs::last_write_time(path_);
  keys_ = std::make_shared<const signing_keys>(read_file(path_));
}

std::shared_ptr<const signing_keys> key_ring::keys() const {
  const std::lock_guard lock(mutex_);
  return keys_;
}

std::string key_ring::jwk_set() const {
  std::string text = R"({"keys":[)";
  const auto current = keys();
  for (const auto& key : *current)
    text += (text.back() == '[' ? "" : ",") + key.jwk();
  return text + "]}";
}

void key_ring::reload() {
  try {
    const auto changed_at = fs::last_write_time(path_);
    if (changed_at == changed_at_) return;
    auto read = std::make_shared<const signing_keys>(read_file(path_));
    changed_at_ = changed_at;
    spdlog::info("auth: {} signing keys; {} signs", read->size(), read->front().id());
    const std::lock_guard lock(mutex_);
    keys_ = std::move(read);
  } catch (const std::exception& why) {
    spdlog::warn("auth: {}", why.what());
  }
}

} // namespace tessera::http
