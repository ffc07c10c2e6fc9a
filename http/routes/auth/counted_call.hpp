#pragma once

#include "http/auth/limits/sign_in_limits.hpp"
#include "http/routes/service.hpp"
#include "http/routing/rejections.hpp"

#include <utility>

namespace tessera::http {

/// A call that counts against the limits of signing in until it is forgiven. Its answer says what is left.
class counted_call {
public:
  counted_call(service& with, const request& asked, responder respond, sign_in_limits::attempt counted)
      : with_(with), request_(asked), respond_(std::move(respond)), counted_(std::move(counted)) {}

  void answer(response told) const {
    for (const auto& header : counted_.headers)
      told.headers.push_back(header);
    respond_(std::move(told));
  }
  /// Nobody guessed.
  void forgive() const { with_.sign_ins->forgive(counted_); }
  /// It came to no answer, and so proves nothing.
  void fail(const rejection& why) const {
    forgive();
    answer(to_response(problem_of(why), request_));
  }

protected:
  service& with_;
  const request& request_;
  responder respond_;
  sign_in_limits::attempt counted_;
};

} // namespace tessera::http
