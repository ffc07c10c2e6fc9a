#include "tests/faults/menu/clock_steps.hpp"

#include "tests/support/http_client.hpp"
#include "tests/support/process.hpp"

#include <ctime>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace tessera::test {

fake_clock::fake_clock() : directory_(make_temporary_directory()) {
  step(std::chrono::seconds{0});
}

fake_clock::~fake_clock() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

variables fake_clock::environment() const {
  return {{"LD_PRELOAD", FALSE_CLOCK}, {"FALSE_CLOCK_FILE", directory_ + "/wrong"}};
}

/// The file is mapped by whoever has that clock, so it is written over and not renewed.
void fake_clock::step(std::chrono::seconds by) {
  const auto wrong = static_cast<std::int64_t>(by.count());
  std::fstream file(directory_ + "/wrong", std::ios::in | std::ios::out | std::ios::binary);
  if (!file) file.open(directory_ + "/wrong", std::ios::out | std::ios::binary);
  file.write(reinterpret_cast<const char*>(&wrong), sizeof wrong);
}

void clock_steps::begin() {
  go_on();
  if (!wait_until(milliseconds{5'000}, [this] { return told_wrong_by() > 3'000; }))
    throw std::runtime_error("the service has another clock");
}

std::int64_t clock_steps::told_wrong_by() const {
  http_client asking("127.0.0.1", at_.service.port());
  const auto date = asking.get("/healthz").response.header("date");
  std::tm told{};
  if (!::strptime(date.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &told)) return 0;
  return ::timegm(&told) - ::time(nullptr);
}

} // namespace tessera::test
