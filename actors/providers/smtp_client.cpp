#include "actors/providers/smtp_client.hpp"

#include "actors/providers/curl_handles.hpp"
#include "actors/providers/transfer.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <curl/curl.h>
#include <new>
#include <stdexcept>
#include <utility>

namespace tessera {

namespace {

/// What the callbacks of one mail know.
struct mail_transfer {
  std::string_view left;
  bool all_given = false; // every byte of it is with libcurl
  std::string last_refusal;
};

std::size_t give(char* into, std::size_t, std::size_t room, void* of) {
  auto& now = *static_cast<mail_transfer*>(of);
  const auto count = std::min(room, now.left.size());
  std::memcpy(into, now.left.data(), count);
  now.left.remove_prefix(count);
  now.all_given = now.left.empty();
  return count;
}

/// libcurl gives the lines of replies to whoever wants headers.
std::size_t hear(char* bytes, std::size_t, std::size_t count, void* of) {
  // The answer to the QUIT after a refusal is no news.
  if (count > 0 && (bytes[0] == '4' || bytes[0] == '5'))
    static_cast<mail_transfer*>(of)->last_refusal.assign(bytes, std::min<std::size_t>(count, 512));
  return count;
}

int ask_whether_to_stop(void* of, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::atomic<bool>*>(of)->load() ? 1 : 0;
}

/// `550 5.1.1 …` has `5.1.1`; empty where there is none.
std::string enhanced_code(std::string_view reply) {
  if (reply.size() < 9) return {};
  const auto rest = reply.substr(4);
  const auto end = std::min(rest.find_first_not_of("0123456789."), rest.size());
  const auto code = rest.substr(0, end);
  return std::count(code.begin(), code.end(), '.') == 2 && code.size() >= 5 ? std::string(code)
                                                                            : std::string();
}

bool is_about_trust(CURLcode outcome) {
  return outcome == CURLE_USE_SSL_FAILED || outcome == CURLE_PEER_FAILED_VERIFICATION ||
         outcome == CURLE_SSL_CACERT_BADFILE || outcome == CURLE_SSL_CERTPROBLEM;
}

struct account {
  std::string url;
  std::string user;
  std::string password;
};

/// The credentials do not stay in the URL, which is shown here and there.
account parse(const std::string& url) {
  struct end_url {
    void operator()(CURLU* parsed) const { curl_url_cleanup(parsed); }
  };
  const std::unique_ptr<CURLU, end_url> parsed(curl_url());
  if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK)
    throw std::runtime_error("the URL of the mail server can't be read");
  const auto part = [&](CURLUPart which) {
    char* text = nullptr;
    if (curl_url_get(parsed.get(), which, &text, CURLU_URLDECODE) != CURLUE_OK || !text) return std::string();
    std::string copy(text);
    curl_free(text);
    return copy;
  };
  account found{{}, part(CURLUPART_USER), part(CURLUPART_PASSWORD)};
  curl_url_set(parsed.get(), CURLUPART_USER, nullptr, 0);
  curl_url_set(parsed.get(), CURLUPART_PASSWORD, nullptr, 0);
  char* text = nullptr;
  if (curl_url_get(parsed.get(), CURLUPART_URL, &text, 0) != CURLUE_OK)
    throw std::runtime_error("the URL of the mail server can't be read");
  found.url = text;
  curl_free(text);
  return found;
}

} // namespace

delivery_failure failure_of_reply(int code, std::string_view reply, smtp_step answered) {
  if (code < 500) return delivery_failure::transient;
  const auto enhanced = enhanced_code(reply);
  constexpr std::array<std::string_view, 5> no_such_address{"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"};
  const bool about_address = std::ranges::find(no_such_address, enhanced) != no_such_address.end();
  const bool says_no_more = enhanced.empty() && (code == 550 || code == 551 || code == 553);
  const bool is_recipients = (answered == smtp_step::recipient && (about_address || says_no_more)) ||
                             (answered == smtp_step::whole_mail && about_address);
  return is_recipients ? delivery_failure::permanent_recipient : delivery_failure::permanent_config;
}

class smtp_client::session {
public:
  session(smtp_options options, const std::atomic<bool>& stopping)
      : options_(std::move(options)), account_(parse(options_.url)), stopping_(stopping) {
    begin_curl_once();
    handle_.reset(curl_easy_init()); // keeps the connection from one mail to the next
    if (!handle_) throw std::bad_alloc();
  }

  const std::string& name() const { return options_.name; }

  delivery_outcome send(const outgoing_mail& message) {
    mail_transfer now{message.bytes};
    std::array<char, CURL_ERROR_SIZE> words{};
    const std::unique_ptr<curl_slist, end_list> recipients(curl_slist_append(nullptr, message.to.c_str()));
    if (!recipients) throw std::bad_alloc();
    describe(message, recipients.get(), now, words);
    const auto outcome = curl_easy_perform(handle_.get());
    long code = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &code);
    curl_easy_reset(handle_.get());
    return outcome_of(outcome, static_cast<int>(code), now, std::string_view(words.data()));
  }

private:
  void describe(
      const outgoing_mail& message,
      curl_slist* recipients,
      mail_transfer& now,
      std::array<char, CURL_ERROR_SIZE>& words
  ) {
    auto* handle = handle_.get();
    curl_easy_setopt(handle, CURLOPT_URL, account_.url.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    const bool has_credentials = !account_.user.empty();
    curl_easy_setopt(
        handle, CURLOPT_USE_SSL, static_cast<long>(has_credentials ? CURLUSESSL_ALL : CURLUSESSL_TRY)
    );
    if (has_credentials) {
      curl_easy_setopt(handle, CURLOPT_USERNAME, account_.user.c_str());
      curl_easy_setopt(handle, CURLOPT_PASSWORD, account_.password.c_str());
    }
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
    if (!options_.ca_file.empty()) curl_easy_setopt(handle, CURLOPT_CAINFO, options_.ca_file.c_str());
    curl_easy_setopt(handle, CURLOPT_MAIL_FROM, message.from.c_str());
    curl_easy_setopt(handle, CURLOPT_MAIL_RCPT, recipients);
    curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(handle, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(handle, CURLOPT_READDATA, &now);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, hear);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, &now);
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, words.data());
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_limit.count()));
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.limit.count()));
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, ask_whether_to_stop);
    curl_easy_setopt(handle, CURLOPT_XFERINFODATA, const_cast<std::atomic<bool>*>(&stopping_));
  }

  /// In our words: a server's may repeat addresses.
  static delivery_outcome
  outcome_of(CURLcode outcome, int code, const mail_transfer& now, std::string_view words) {
    if (outcome == CURLE_OK) return {};
    delivery_outcome told;
    const bool was_refused = code >= 400 && code < 600;
    told.detail = curl_easy_strerror(outcome);
    if (was_refused)
      told.detail =
          "the mail server answered " + std::to_string(code) + " " + enhanced_code(now.last_refusal);
    // Nothing was sent; a certificate that has run out is often renewed the same day.
    if (is_about_trust(outcome))
      told.failure = delivery_failure::transient;
    else if (outcome == CURLE_LOGIN_DENIED)
      told.failure =
          code >= 400 && code < 500 ? delivery_failure::transient : delivery_failure::permanent_config;
    else if (was_refused)
      told.failure = failure_of_reply(
          code,
          now.last_refusal,
          now.all_given                      ? smtp_step::whole_mail
          : words.find("RCPT") != words.npos ? smtp_step::recipient
                                             : smtp_step::other
      );
    else
      told.failure = now.all_given ? delivery_failure::ambiguous : delivery_failure::transient;
    told.provider_failed = is_providers_fault(outcome, code, now, words);
    return told;
  }

  /// Away, not to be trusted, or not for us: nothing was handed over.
  static bool
  is_providers_fault(CURLcode outcome, int code, const mail_transfer& now, std::string_view words) {
    if (is_about_trust(outcome) || outcome == CURLE_LOGIN_DENIED) return true;
    if (code >= 400 && code < 600) return code == 421 && words.find("RCPT") == words.npos && !now.all_given;
    return !now.all_given;
  }

  smtp_options options_;
  account account_;
  const std::atomic<bool>& stopping_;
  std::unique_ptr<CURL, end_transfer> handle_;
};

smtp_client::smtp_client(smtp_options options, const std::atomic<bool>& stopping)
    : session_(std::make_unique<session>(std::move(options), stopping)) {}
smtp_client::~smtp_client() = default;

std::string_view smtp_client::name() const {
  return session_->name();
}

delivery_outcome smtp_client::send(const outgoing_mail& message) {
  return session_->send(message);
}

} // namespace tessera
