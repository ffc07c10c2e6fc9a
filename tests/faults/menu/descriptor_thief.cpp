#include "tests/faults/menu/descriptor_thief.hpp"

#include "tests/support/wait.hpp"

#include <cerrno>
#include <filesystem>
#include <iterator>
#include <stdexcept>
#include <system_error>

namespace tessera::test {

void descriptor_thief::begin() {
  limit(open_now() + spare);
  connect(2 * spare);
  if (!wait_until(milliseconds{5'000}, [&] { return is_turned_away(); }))
    throw std::runtime_error("the service still has descriptors");
}

bool descriptor_thief::is_turned_away() const {
  http_client one_more("127.0.0.1", at_.service.port(), milliseconds{500});
  return one_more.get("/healthz").status() == 0;
}

void descriptor_thief::end() {
  strangers_.clear();
}

void descriptor_thief::connect(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    strangers_.emplace_back("127.0.0.1", at_.service.port());
    strangers_.back().connect();
  }
}

std::size_t descriptor_thief::open_now() const {
  const auto place = "/proc/" + std::to_string(at_.service.service().process().pid()) + "/fd";
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator(place), std::filesystem::directory_iterator())
  );
}

void descriptor_thief::limit(rlim_t most) const {
  const auto whose = at_.service.service().process().pid();
  rlimit limit{};
  ::prlimit(whose, RLIMIT_NOFILE, nullptr, &limit);
  limit.rlim_cur = most;
  if (::prlimit(whose, RLIMIT_NOFILE, &limit, nullptr) != 0)
    throw std::system_error(errno, std::generic_category(), "prlimit");
}

} // namespace tessera::test
