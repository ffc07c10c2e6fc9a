#pragma once

#include "messages/types/result.hpp"

#include <functional>

namespace tessera {

/// What the database answers; called on one of its threads.
template <class Answer> using answer_of = std::function<void(result<Answer>)>;

} // namespace tessera
