#pragma once

#include <string>
#include <string_view>

namespace tessera::config {

/// Says why a text is wrong, without repeating it: it may be a secret. Empty: it is right.
using text_check = std::string (*)(std::string_view);

std::string check_nothing(std::string_view given);
std::string check_address(std::string_view given);
std::string check_admin_address(std::string_view given); // or empty
std::string check_database_url(std::string_view given);
std::string check_base_url(std::string_view given); // or empty
std::string check_operator_key(std::string_view given);
std::string check_token_secret(std::string_view given);
std::string check_network(std::string_view given);
std::string check_origin(std::string_view given);
std::string check_smtp_url(std::string_view given); // or empty
std::string check_mail_address(std::string_view given);
std::string check_account_sid(std::string_view given); // or empty
std::string check_sms_token(std::string_view given);   // or empty
std::string check_sms_sender(std::string_view given);  // or empty
std::string check_not_empty(std::string_view given);
std::string check_node_name(std::string_view given); // or empty

} // namespace tessera::config
