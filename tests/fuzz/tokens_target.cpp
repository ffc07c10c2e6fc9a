#include "http/auth/base64url.hpp"
#include "http/auth/tokens/access_tokens.hpp"
#include "tests/fuzz/scratch.hpp"
#include "tests/fuzz/target.hpp"

namespace tessera::fuzz {

namespace {

constexpr time_point now{std::chrono::microseconds{1'800'000'000'000'000}};

/// Our own tokens and those of one other issuer.
struct issuers {
  scratch files;
  http::key_ring ring{files.path("own.pem")};
  http::signing_key theirs = http::signing_key::make();
  http::external_issuers others{
      {{"https://issuer.example",
        "credits",
        {http::signing_algorithm::eddsa},
        "t1",
        files.write("keys.json", R"({"keys":[)" + theirs.jwk() + "]}"),
        tenant_id{{{7}}}}}};
  http::access_tokens tokens{{}, ring, others};

  static issuers& all() {
    static issuers one;
    return one;
  }
  const http::signing_key& ours() const { return ring.keys()->front(); }
};

/// `@` stands for the id of the key that signs: nobody could guess it.
std::string signed_by(const http::signing_key& key, std::string_view header, std::string_view payload) {
  std::string named(header);
  if (const auto at = named.find('@'); at != named.npos) named.replace(at, 1, key.id());
  const auto text = http::encode_base64url(named) + "." + http::encode_base64url(payload);
  return text + "." + http::encode_base64url(key.sign(text));
}

void check_signed(const std::string& token) {
  auto& judge = issuers::all().tokens;
  const auto person = judge.person_of(token, now);
  const auto believed = judge.verify(token, now);
  claim(!person || believed, "a person has a token that is valid");
  if (!believed) return;
  const auto parts = http::read_compact(token);
  claim(parts && parts->algorithm == http::signing_algorithm::eddsa, "the key says the algorithm");
  const auto claims = http::read_claims(parts->payload);
  claim(
      claims && http::are_in_time(*claims, now) && believed->expires_at > now,
      "nothing is believed that is over"
  );
  claim(believed->user.empty() != believed->issuer.empty(), "a user is ours or theirs");
  const auto recalled = judge.recall(token, now);
  claim(recalled && recalled->user == believed->user, "what was verified is remembered as it was");
}

void check_changed(std::string token, std::size_t at, char letter) {
  auto& judge = issuers::all().tokens;
  at %= token.size();
  const bool same = token[at] == letter;
  token[at] = letter;
  claim(judge.verify(token, now).has_value() == same, "a letter that is changed breaks the signature");
}

} // namespace

/// The first byte says what follows: a token; header and payload, a line each, that we sign, or the other
/// issuer; or a place and a letter in a token of ours.
void run_tokens(std::string_view bytes) {
  auto& all = issuers::all();
  switch (take_byte(bytes) % 4) {
  case 0:
    (void)http::read_claims(bytes);
    claim(
        !all.tokens.verify(bytes, now) && !all.tokens.person_of(bytes, now),
        "nobody makes a token but who has a key"
    );
    return;
  case 1: {
    const auto header = take_until(bytes, '\n');
    return check_signed(signed_by(all.ours(), header, bytes));
  }
  case 2: {
    const auto header = take_until(bytes, '\n');
    return check_signed(signed_by(all.theirs, header, bytes));
  }
  default: {
    static const auto token = all.tokens.issue(tenant_id{{{7}}}, "usr-1", uuid{{1}}, now);
    const auto at = std::size_t{take_byte(bytes)} * 256 + take_byte(bytes);
    return check_changed(token, at, static_cast<char>(take_byte(bytes)));
  }
  }
}

} // namespace tessera::fuzz
