#include "tests/faults/fault_fixture.hpp"

#include <algorithm>
#include <sys/resource.h>

namespace tessera::test {

namespace {

/// Connections that hold what they have taken: some with half a header, some with half a body, some with
/// answers that they do not read, some silent after a request.
class slow_crowd {
public:
  slow_crowd(std::uint16_t port, std::size_t count) {
    for (std::size_t n = 0; n < count; ++n) {
      all_.emplace_back("127.0.0.1", port);
      if (!all_.back().connect()) throw std::runtime_error("a slow client can't connect");
      all_.back().write_raw(opening(n));
    }
    // What they have sent has been looked at when somebody who comes last is answered.
    http_client last("127.0.0.1", port);
    if (last.get("/readyz").status() != 200) throw std::runtime_error("not ready");
  }

  /// Each sends one byte more.
  void trickle() {
    for (std::size_t n = 0; n < all_.size(); ++n)
      if (n % kinds < 2) all_[n].write_raw("x");
  }

private:
  static constexpr std::size_t kinds = 4;

  static std::string opening(std::size_t n) {
    const std::string get = "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n";
    switch (n % kinds) {
    case 0: return "GET /healthz HTTP/1.1\r\nHost: h\r\nX-Slow: ";
    case 1:
      return "POST /api/credits/consume HTTP/1.1\r\nHost: h\r\nContent-Type: "
             "application/json\r\nContent-Length: 60000\r\n\r\n{";
    case 2: {
      std::string many;
      for (int more = 0; more < 10; ++more)
        many += get;
      return many;
    }
    default: return get;
    }
  }

  std::vector<http_client> all_;
};

class SlowCrowdTest : public FaultTest {
protected:
  SlowCrowdTest() : FaultTest({.fsync = true}, {{"TESSERA_ACCOUNTS_IDLE_PASSIVATION_SECONDS", "300"}}) {}

  /// Before any service is started, which inherits it.
  static void SetUpTestSuite() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }

  /// The middle of the times, in microseconds, that a client waits who spends for so long; every spend is
  /// answered.
  std::int64_t median_us(milliseconds time, slow_crowd* crowd = nullptr) {
    auto line = make_caller(0);
    std::vector<std::int64_t> took;
    auto next_us = now_us();
    for (const deadline until(time); !until.over();) {
      const auto answer = spend(line, 0, 1);
      if (!answer || !answer->ok()) {
        ADD_FAILURE() << "a good client was refused: " << line.last().response.body;
        break;
      }
      took.push_back(answer->complete_us - answer->invoke_us);
      if (crowd && now_us() > next_us) {
        crowd->trickle();
        next_us = now_us() + 1'000'000;
      }
    }
    std::ranges::nth_element(took, took.begin() + static_cast<std::ptrdiff_t>(took.size() / 2));
    return took.at(took.size() / 2);
  }

  std::size_t resident_kib() {
    const auto status = read_file("/proc/" + std::to_string(node_.service().process().pid()) + "/status");
    const auto at = status.find("VmRSS:");
    return std::stoul(status.substr(at + 6));
  }
};

/// TESSERA_FAULT_SLOW_CONNECTIONS=10000 for the whole promise.
TEST_F(SlowCrowdTest, AGoodClientDoesNotFeelThem) {
  const auto count = static_cast<std::size_t>(fault_setting("SLOW_CONNECTIONS", 1'000));
  const milliseconds time{fault_setting("MENU_SECONDS", 3) * 1'000};
  buy(0, bank::large_credits);
  const auto alone_us = median_us(time / 2);
  const auto before_kib = resident_kib();

  slow_crowd crowd(node_.port(), count);
  const auto beside_us = median_us(time, &crowd);

  const auto grown_kib = resident_kib() - std::min(before_kib, resident_kib());
  std::cout << count << " slow connections: a good client's p50 " << beside_us << " us, alone " << alone_us
            << " us; " << grown_kib / 1'024 << " MiB more\n";
  EXPECT_LE(beside_us, 3 * alone_us + 5'000);
  EXPECT_LE(grown_kib, 32 * 1'024 + count * 16);
  expect_no_violation();
}

} // namespace

} // namespace tessera::test
