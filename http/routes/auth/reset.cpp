// POST /api/auth/password/reset: sets the password of whoever a mail brought the token to.
#include "http/auth/new_password.hpp"
#include "http/json/reader.hpp"
#include "http/notification_gateway.hpp"
#include "http/routes/auth/account_token.hpp"
#include "http/routes/auth/auth.hpp"
#include "http/routes/auth/counted_call.hpp"
#include "http/routing/rejections.hpp"

#include <memory>
#include <string>
#include <utility>

namespace tessera::http {

namespace {

struct wanted_password {
  digest token{};
  std::string given;
  std::string text; // as it is hashed
};

std::optional<problem> read(std::string_view body, wanted_password& into) {
  json::reader reader(body);
  auto fields = reader.object();
  into.token = read_account_token(fields, account_token_purpose::password_reset);
  into.given = fields.string("password", {.most = 64 * 1024}); // letters: bytes are judged
  const auto again = fields.string("confirmPassword", {.most = 64 * 1024});
  if (again != into.given)
    fields.reject("confirmPassword", "passwords_differ", "Must be the same as password.");
  auto judged = judge_password(into.given, {"tessera"});
  if (!judged.flaw.empty())
    fields.reject("password", judged.flaw, "12 to 128 letters that are not easily guessed.");
  into.text = std::move(judged.text);
  return reader.refusal();
}

/// The token first: only for a good one a password is hashed, which is dear.
class new_password_set : public counted_call, public std::enable_shared_from_this<new_password_set> {
public:
  using counted_call::counted_call;

  void begin(wanted_password wanted) {
    wanted_ = std::move(wanted);
    notification_gateway(with_.behind)
        .find(
            account_token_query{wanted_.token, account_token_purpose::password_reset},
            [self = shared_from_this()](const result<account_token_found>& found) {
              if (!found) return self->fail(found.why());
              found->standing == token_standing::good ? self->judge(found->token)
                                                      : self->refuse(found->standing);
            }
        );
  }

private:
  /// Nor may it be what others know of them.
  void judge(const account_token& found) {
    const auto judged = judge_password(wanted_.given, {found.email, "tessera"});
    if (judged.flaw.empty()) return hash();
    answer(to_response(
        simple_problem(
            422, judged.flaw, "The password is not valid", "12 to 128 letters that are not easily guessed."
        ),
        request_
    ));
  }

  void hash() {
    with_.hash_password(
        std::move(wanted_.text),
        [self = shared_from_this()](const result<std::string>& made) {
          made ? self->set(*made) : self->fail(made.why());
        }
    );
  }

  void set(const std::string& made) {
    notification_gateway(with_.behind)
        .change(
            reset_password{wanted_.token, made},
            [self = shared_from_this()](const result<password_was_reset>& done) {
              if (!done) return self->fail(done.why());
              if (done->standing != token_standing::good) return self->refuse(done->standing);
              self->forgive();
              self->answer({.body = R"({"success":true})"});
            }
        );
  }

  /// Whoever guesses tokens is counted.
  void refuse(token_standing standing) { answer(to_response(not_good(standing), request_)); }

  wanted_password wanted_;
};

} // namespace

handler reset(service& with) {
  return [&with](request& request, const responder& respond) {
    wanted_password wanted;
    if (const auto wrong = read(request.body, wanted)) return respond(to_response(*wrong, request));
    auto counted =
        with.sign_ins->begin(address_of(request, with.trusted_proxies), request.received_at_us * 1'000);
    if (counted.refused) return respond(to_response(*counted.refused, request));
    std::make_shared<new_password_set>(with, request, respond, std::move(counted))->begin(std::move(wanted));
  };
}

} // namespace tessera::http
