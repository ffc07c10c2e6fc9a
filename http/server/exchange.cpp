#include "http/server/exchange.hpp"

#include "http/server/connection.hpp"

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

namespace tessera::http {

namespace {

/// Runs `deliver` on the loop of the connection: at once when that is the caller's, later when it is not,
/// never when the loop has ended.
template <class Deliver> void on_loop_of(std::shared_ptr<connection> target, Deliver deliver) {
  auto& loop = target->loop();
  if (loop.is_current())
    deliver(*target);
  else if (!loop.stopped())
    asio::post(loop.get_executor(), [target = std::move(target), deliver = std::move(deliver)]() mutable {
      deliver(*target);
    });
}

} // namespace

exchange::~exchange() {
  if (!target_) return;
  spdlog::error("http: a route let a request die unanswered");
  fail();
}

void exchange::complete(response answer) {
  if (!target_) return;
  on_loop_of(std::move(target_), [serial = serial_, answer = std::move(answer)](connection& target) mutable {
    target.answered(serial, std::move(answer));
  });
}

void exchange::fail() {
  if (!target_) return;
  on_loop_of(std::move(target_), [serial = serial_](connection& target) { target.failed(serial); });
}

} // namespace tessera::http
