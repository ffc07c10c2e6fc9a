#include "actors/notification/links.hpp"

#include "actors/support/invitation_token.hpp"

namespace tessera {

using namespace std::chrono_literals;

account_token_purpose purpose_of(std::string_view kind) {
  return kind == "auth.password_forgotten" ? account_token_purpose::password_reset
                                           : account_token_purpose::verify_email;
}

std::chrono::seconds life_of(account_token_purpose purpose) {
  return purpose == account_token_purpose::password_reset ? 1h : 72h;
}

std::string token_of(const token_secret& secret, account_token_purpose purpose, const std::string& token_id) {
  return secret.token(prefix_of(purpose), std::string(to_string(purpose)) + "/v1", token_id, 0);
}

void add_links(
    template_variables& values,
    const claimed_notification& one,
    notification_channel channel,
    const token_secret& secret,
    const std::string& base_url
) {
  if (one.ref_type == "invitation" && one.user.empty())
    values["invitationUrl"] =
        base_url + "/accept-invitation?token=" +
        invitation_token(
            secret,
            one.ref_id,
            channel == notification_channel::sms ? invitation_channel::sms : invitation_channel::email,
            one.ref_generation
        );
  if (one.kind == "credits.low") values["purchaseUrl"] = base_url + "/";
  if (one.ref_type != "token") return;
  const auto purpose = purpose_of(one.kind);
  const auto token = token_of(secret, purpose, one.ref_id);
  // Behind `#` it does not reach servers and their logs.
  if (purpose == account_token_purpose::password_reset)
    values["resetUrl"] = base_url + "/reset-password#token=" + token;
  else
    values["verifyUrl"] = base_url + "/verify-email#token=" + token;
}

} // namespace tessera
