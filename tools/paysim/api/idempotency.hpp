#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace tessera::paysim {

/// What was answered under an idempotency key.
struct saved_answer {
  std::string fingerprint; // of method, path and parameters
  std::string request;     // the first one's id
  std::int64_t made_at = 0;
  bool is_running = true;
  unsigned status = 0;
  std::string body{};
};

/// The keys of the last 24 hours.
class idempotency {
public:
  /// The answer to give again, or nothing: then the call may run under this key. Throws api_error:
  /// `idempotency_error` when the key stood for other parameters, 409 while its first call is running.
  const saved_answer*
  begin(const std::string& key, const std::string& fingerprint, const std::string& request, std::int64_t now);
  void finish(const std::string& key, unsigned status, const std::string& body);
  /// Nothing had begun: the key is free again.
  void forget(const std::string& key) { answers_.erase(key); }

  const std::map<std::string, saved_answer>& all() const { return answers_; }
  void restore(const std::string& key, saved_answer known) { answers_[key] = std::move(known); }

private:
  std::map<std::string, saved_answer> answers_;
};

} // namespace tessera::paysim
