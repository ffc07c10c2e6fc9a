#include "tools/bench/load/readiness.hpp"

#include "tools/bench/load/connection.hpp"

#include <csignal>
#include <cstdint>
#include <fstream>
#include <poll.h>
#include <stdexcept>
#include <sys/epoll.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace tessera::bench {

namespace {

using namespace std::chrono_literals;

constexpr auto pause = 2ms;
constexpr auto longest_answer = 1000ms;

bool answers_ready(std::uint16_t port, int epoll) {
  connection to(port, epoll, 0);
  to.open();
  to.send("GET /readyz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n", {});
  for (reply answer;;) {
    epoll_event event;
    if (epoll_wait(epoll, &event, 1, longest_answer / 1ms) != 1) return false;
    const auto state = to.receive(answer);
    if (state != reading::need_more) return state == reading::whole && answer.status == 200;
  }
}

bool is_ready(const std::string& port_file, int epoll) {
  std::uint16_t port = 0;
  std::ifstream(port_file) >> port;
  if (port == 0) return false;
  try {
    return answers_ready(port, epoll);
  } catch (const std::system_error&) {
    return false; // not listening yet
  }
}

} // namespace

std::chrono::system_clock::time_point
await_readiness(const std::string& port_file, int pid, std::chrono::nanoseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  while (!is_ready(port_file, epoll)) {
    if (kill(pid, 0) != 0) throw std::runtime_error("the service has ended");
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error("the service is not ready");
    std::this_thread::sleep_for(pause);
  }
  close(epoll);
  return std::chrono::system_clock::now();
}

} // namespace tessera::bench
