#include "actors/providers/refresh_times.hpp"

#include <algorithm>

namespace tessera {

refresh_times::instant refresh_times::due() const {
  return wish_ ? std::min(*wish_, regular_) : regular_;
}

void refresh_times::wish(instant now) {
  if (!wish_) wish_ = std::max(now, wishes_from_);
}

// One that comes while the fetch is under way is a new wish: it may miss what was added a moment ago.
void refresh_times::begin(instant now) {
  if (wish_) wishes_from_ = now + intervals_.between_wishes;
  wish_.reset();
}

void refresh_times::end(instant now, bool good) {
  regular_ = now + (good ? intervals_.regular : intervals_.after_failure);
}

} // namespace tessera
