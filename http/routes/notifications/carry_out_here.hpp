#pragma once

#include "http/notification_gateway.hpp"
#include "http/routes/directory/changes.hpp"

#include <utility>

namespace tessera::http {

/// Carries a change out and answers in its words.
template <class Command, class Made> void carry_out_here(
    service& with, repeatable<Command, Made> call, const responder& respond, const request& request
) {
  notification_gateway(with.behind)
      .change(std::move(call), [respond, &request](const result<kept_answer>& told) {
        respond(told ? to_response(*told) : to_response(problem_of(told.why()), request));
      });
}

} // namespace tessera::http
