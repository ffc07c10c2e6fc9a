#include "actors/passwords/password_hasher.hpp"

#include "actors/passwords/password_hash.hpp"

#include <spdlog/spdlog.h>

#include <pthread.h>
#include <sched.h>

namespace tessera {

namespace {

using namespace std::chrono_literals;

/// Metering comes first: this thread has what nobody else wants. Where the system refuses, it is no worse.
void step_back() {
  const sched_param none{};
  ::pthread_setschedparam(::pthread_self(), SCHED_IDLE, &none);
}

password_verdict compare_now(const std::string& hash, const std::string& nobodys, std::string& password) {
  password_verdict verdict;
  verdict.right = is_password(hash.empty() ? nobodys : hash, password) && !hash.empty();
  if (verdict.right && is_outdated(hash)) verdict.rehashed = hash_password(password);
  forget(password);
  return verdict;
}

} // namespace

password_hasher::password_hasher(password_hasher_options options)
    : options_(options), nobodys_(hash_password(make_password())) {
  for (unsigned i = 0; i < options_.threads; ++i)
    threads_.emplace_back([this] { work(); });
}

password_hasher::~password_hasher() {
  jobs_.stop();
  for (auto& thread : threads_)
    thread.join();
}

/// `work` gives the answer, on one of the threads.
template <class Answer, class Work>
void password_hasher::submit(std::function<void(result<Answer>)> answer, Work work) {
  const auto until = std::chrono::steady_clock::now() + options_.limit;
  job run = [answer, until, work = std::move(work)]() mutable {
    if (std::chrono::steady_clock::now() > until) return answer(errc::overloaded);
    try {
      answer(work());
    } catch (const std::exception& why) {
      spdlog::error("passwords: {}", why.what());
      answer(errc::overloaded);
    }
  };
  if (!jobs_.push(std::move(run), options_.max_queued)) answer(errc::overloaded);
}

void password_hasher::compare(
    std::string hash, std::string password, std::function<void(result<password_verdict>)> answer
) {
  submit<password_verdict>(
      std::move(answer),
      [this, hash = std::move(hash), password = std::move(password)]() mutable -> result<password_verdict> {
        return compare_now(hash, nobodys_, password);
      }
  );
}

void password_hasher::hash(std::string password, std::function<void(result<std::string>)> answer) {
  submit<std::string>(std::move(answer), [password = std::move(password)]() mutable -> result<std::string> {
    auto made = hash_password(password);
    forget(password);
    return made;
  });
}

void password_hasher::work() {
  pthread_setname_np(pthread_self(), "passwords");
  step_back();
  while (auto batch = jobs_.take(1, 1s))
    for (auto& run : *batch)
      run();
}

} // namespace tessera
