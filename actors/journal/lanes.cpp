#include "actors/journal/lanes.hpp"

#include <pthread.h>
#include <string>
#include <utility>

namespace tessera {

namespace {

void run(lane& queue, unsigned index) {
  pthread_setname_np(pthread_self(), ("lane-" + std::to_string(index)).c_str());
  while (queue.wait())
    queue.run_once();
}

} // namespace

lanes::lanes(journal_options options, const store_factory& make_store)
    : options_(std::move(options)), workers_(options_.lanes + 1) {
  const lane_options each{.max_round = options_.max_round, .told = options_.told};
  for (unsigned i = 0; i < workers_.size(); ++i) {
    auto& w = workers_[i];
    w.store = make_store();
    w.queue = std::make_unique<lane>(*w.store, each, statistics_);
    w.thread = std::thread(run, std::ref(*w.queue), i);
  }
}

lanes::~lanes() {
  finish();
}

void lanes::finish() {
  for (auto& w : workers_)
    w.queue->stop();
  for (auto& w : workers_)
    if (w.thread.joinable()) w.thread.join();
}

bool lanes::is_full_for(std::size_t rows) const {
  return depth() + rows > options_.max_depth;
}

void lanes::push(journal_item item) {
  const auto lane_of = std::hash<account_id>{}(item.channel->account) % options_.lanes;
  workers_[item.look_up.empty() ? lane_of : options_.lanes].queue->push(std::move(item));
}

std::size_t lanes::depth() const {
  std::size_t sum = 0;
  for (const auto& w : workers_)
    sum += w.queue->depth();
  return sum;
}

} // namespace tessera
